"""`gdial sim`."""

from __future__ import annotations

import signal

import pytest

from tests.integration.cli.commands import Place, answers, assert_told_plainly
from tests.support.ports import free_port


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_end(place: Place, how: signal.Signals) -> None:
    port = free_port()
    with place.started("sim", "--port", str(port)) as running:
        assert f"DRILL_API_BASE=http://127.0.0.1:{port}" in running.wait_for("Ctrl-C")
        assert answers(f"http://127.0.0.1:{port}/ledger") == 200
        assert running.end(how) == 0


def test_a_profile_that_cannot_be_read_is_told_with_its_place(place: Place) -> None:
    (place.folder / "people.json").write_text('{"people": [{"calls": [{"does": "dance"}]}]}')
    done = place.run("sim", "--profile", "people.json")
    assert_told_plainly(done, 2, "people.json: people[0].calls[0]", "press, listen")


def test_a_fault_plan_that_cannot_be_read_is_told_with_its_place(place: Place) -> None:
    (place.folder / "faults.json").write_text('{"faults": [{"does": "cut", "share": 7}]}')
    done = place.run("sim", "--faults", "faults.json")
    assert_told_plainly(done, 2, "faults.json: faults[0].share", "callback_lost")


@pytest.mark.parametrize(("option", "value"), [("--speed", "0"), ("--port", "99999"), ("--calls-per-second", "-1")])
def test_a_value_out_of_bounds_is_told_with_its_option(place: Place, option: str, value: str) -> None:
    assert_told_plainly(place.run("sim", option, value), 2, f"error: {option}: ")


def test_a_port_that_is_taken_is_told(place: Place, phones: str) -> None:
    port = phones.rpartition(":")[2]
    assert_told_plainly(place.run("sim", "--port", port), 1, port, "--port")
