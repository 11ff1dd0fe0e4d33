"""`gdial serve` as its users run it: killed in the middle, and held to its pace."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.profile import Profile, default_profile
from gdial.simulator.server import Simulator, running_simulator
from tests.support.organisation import ON_BOTH_DATABASES, Organisation
from tests.support.serving import serving


def people(how_many: int) -> dict[str, list[str]]:
    """Fictional people; the numbers are well formed, and the network is simulated."""
    return {f"Person {i}": [f"+4670{1000000 + i}"] for i in range(how_many)}


def everybody_exists() -> Profile:
    """The built-in night without its bad numbers: their creates are refused, and stand in no ledger."""
    night = default_profile()
    kinds = tuple(kind for kind in night.people if kind.calls[0].does != "bad_number")
    return night.model_copy(update={"people": kinds})


def created_seconds(simulator: Simulator) -> list[float]:
    return sorted(datetime.fromisoformat(str(row["created"])).timestamp() for row in simulator.ledger()["calls"])


def most_in_any_window(moments: list[float], seconds: float) -> int:
    return max(bisect_right(moments, moment + seconds) - place for place, moment in enumerate(moments))


async def assert_every_webhook_was_taken(organisation: Organisation) -> None:
    callbacks = [callback for row in organisation.simulator.ledger()["calls"] for callback in row["callbacks"]]
    assert callbacks
    assert {callback["status"] for callback in callbacks} <= {200, 204}


@ON_BOTH_DATABASES
@pytest.mark.timeout(240)
async def test_killed_in_the_middle_it_goes_on_by_itself(tmp_path: Path, database_settings: dict[str, Any]) -> None:
    quick = {
        "calls_per_second": 40,
        "max_concurrent_calls": 30,
        "carrier_timeout_sec": 2,
        "unknown_first_list_sec": 2,
        "unknown_second_list_sec": 1,
        "reconcile_after_sec": 2,
    }
    async with (
        running_simulator(SimulatorOptions(speed=30, seed=4)) as simulator,
        serving(tmp_path, simulator, **quick | database_settings) as (process, organisation),
    ):
        policy = {
            "rounds": 2,
            "wait_between_numbers_seconds": 0,
            "wait_between_rounds_seconds": 1,
            "ring_timeout_seconds": 20,
        }
        group = await organisation.import_people(people(150))
        run = await organisation.start_run(group, policy=policy)
        for placed in (30, 70, 110):
            await organisation.calls_placed(placed)
            await process.kill()
            await process.start()
        done = await organisation.wait_until(run["id"], "done")
        assert done["counts"]["recipients"] == 150
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])
        await assert_nobody_reached_was_rung_again(organisation, run["id"])
        assert await process.stop() == 0


async def assert_nobody_reached_was_rung_again(organisation: Organisation, run_id: str) -> None:
    reached = {
        number: person["ended_at"]
        for person in (await organisation.recipients(run_id)).values()
        for number in person["numbers"]
        if person["outcome"] == "reached"
    }
    for row in organisation.simulator.ledger()["calls"]:
        ended_at = reached.get(str(row["to"]))
        if ended_at is not None:
            assert datetime.fromisoformat(str(row["created"])) <= datetime.fromisoformat(ended_at), row


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_many_people_at_twenty_calls_a_second(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    count, rate = pytestconfig.getoption("--people"), 20
    settings = {"calls_per_second": rate, "max_concurrent_calls": 400}
    async with (
        running_simulator(SimulatorOptions(speed=20, seed=1, profile=everybody_exists())) as simulator,
        serving(tmp_path, simulator, **settings) as (_, organisation),
    ):
        group = await organisation.import_people(people(count))
        run = await organisation.start_run(group, policy={"rounds": 1})
        done = await organisation.wait_until(run["id"], "done", seconds=200)
        assert done["counts"]["recipients"] == count
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])
        await simulator.wait_until_idle()
        await assert_every_webhook_was_taken(organisation)
        moments = created_seconds(simulator)
    took = moments[-1] - moments[0]
    assert len(moments) == count
    assert most_in_any_window(moments, 1) <= 1.1 * rate + 1
    assert most_in_any_window(moments, 10) <= 1.01 * rate * 10
    assert took <= 1.05 * (count - 1) / rate


async def test_asked_to_end_it_ends_at_once_although_many_wait_for_their_turn(tmp_path: Path) -> None:
    slow = {"calls_per_second": 1, "max_concurrent_calls": 50}
    async with (
        running_simulator(SimulatorOptions(speed=20, seed=4)) as simulator,
        serving(tmp_path, simulator, **slow) as (process, organisation),
    ):
        run = await organisation.start_run(await organisation.import_people(people(60)))
        await organisation.calls_placed(2)
        async with asyncio.timeout(15):
            assert await process.stop() == 0
        await process.start()
        shown = await organisation.show(run["id"])
        assert shown["state"] == "running"
        assert shown["counts"]["recipients"] == 60
