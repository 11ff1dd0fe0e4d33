"""Start, pause, resume, stop: in force for the next call that would start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import NoAnswer, Press
from gdial.simulator.server import running_simulator
from tests.support.organisation import ON_EVERY_SETUP, Organisation, running_organisation

PEOPLE = {f"Person {i}": [f"+467017406{i:02}"] for i in range(10, 40)}


@pytest.fixture
async def organisation(tmp_path: Path, database_settings: dict[str, Any]) -> AsyncIterator[Organisation]:
    async with running_organisation(
        tmp_path, calls_per_second=10, max_concurrent_calls=5, **database_settings
    ) as running:
        for (number,) in PEOPLE.values():
            running.simulator.phones.script(number, Press())
        yield running


async def test_pause_holds_the_next_call_and_resume_lets_it_go(organisation: Organisation) -> None:
    run = await organisation.start_run(await organisation.import_people(PEOPLE))
    await organisation.calls_placed(4)
    paused = await organisation.call_api("POST", f"/api/runs/{run['id']}/pause")
    assert paused["state"] == "paused"
    await organisation.simulator.wait_until_idle()
    placed = len(organisation.simulator.ledger()["calls"])
    assert placed < 30
    await asyncio.sleep(1.2)  # longer than the scheduler's tick and many call intervals: none may have started
    assert len(organisation.simulator.ledger()["calls"]) == placed
    await organisation.call_api("POST", f"/api/runs/{run['id']}/resume")
    done = await organisation.wait_until(run["id"], "done")
    assert done["counts"]["reached"] == 30
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])


@ON_EVERY_SETUP
async def test_stop_rings_nobody_more_and_lets_calls_end(organisation: Organisation) -> None:
    run = await organisation.start_run(await organisation.import_people(PEOPLE))
    await organisation.calls_placed(4)
    await organisation.call_api("POST", f"/api/runs/{run['id']}/stop")
    placed = len(organisation.simulator.ledger()["calls"])
    stopped = await organisation.wait_until(run["id"], "stopped")
    assert len(organisation.simulator.ledger()["calls"]) <= placed + 1, "one create may have been on its way"
    assert stopped["counts"]["stopped"] + stopped["counts"]["reached"] == 30
    assert stopped["counts"]["stopped"] >= 20
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])
    refused = await organisation.call_api("POST", f"/api/runs/{run['id']}/resume", 409)
    assert "stopped" in refused["detail"]


async def test_stop_with_hang_up_ends_ringing_calls_at_once(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        number = "+46701740605"
        organisation.simulator.phones.script(number, NoAnswer())
        group = await organisation.import_people({"Anna Ek": [number]})
        run = await organisation.start_run(group, policy={"ring_timeout_seconds": 600})
        await organisation.simulator.wait_for(lambda call: call.status == "ringing")
        await organisation.call_api("POST", f"/api/runs/{run['id']}/stop", json={"hang_up": True})
        stopped = await organisation.wait_until(run["id"], "stopped", seconds=5)
        assert stopped["counts"]["stopped"] == 1


@ON_EVERY_SETUP
async def test_two_clicks_with_one_idempotency_key_are_one_run(organisation: Organisation) -> None:
    group = await organisation.import_people(PEOPLE)
    headers = {"Idempotency-Key": "larm-2026-11-23"}
    clicks = [organisation.start_run(group, headers=headers) for _ in range(5)]
    ids = {answer["id"] for answer in await asyncio.gather(*clicks)}
    assert len(ids) == 1
    other = await organisation.start_run(group, 422, headers=headers, name="Något annat")
    assert "Idempotency-Key" in str(other)
    listed = await organisation.call_api("GET", "/api/runs")
    assert listed["total"] == 1
    await organisation.call_api("POST", f"/api/runs/{ids.pop()}/stop")


async def test_nobody_to_ring_is_refused(organisation: Organisation) -> None:
    empty = await organisation.call_api("POST", "/api/groups", 201, json={"name": "Tom"})
    refused = await organisation.start_run(empty["id"], 422)
    assert "nobody to ring" in refused["detail"]


async def test_a_scheduled_run_waits_for_its_time(organisation: Organisation) -> None:
    group = await organisation.import_people(PEOPLE)
    moment = datetime.now(UTC) + timedelta(seconds=1.5)
    run = await organisation.start_run(group, scheduled_at=moment.isoformat(), first=3)
    assert (run["state"], run["recipients"]) == ("scheduled", 3)
    done = await organisation.wait_until(run["id"], "done")
    first = min(row["created"] for row in organisation.simulator.ledger()["calls"])
    assert datetime.fromisoformat(str(first)) >= moment
    assert done["counts"]["reached"] == 3


async def test_a_run_ends_at_its_deadline(tmp_path: Path) -> None:
    ahead = timedelta()
    async with running_organisation(tmp_path, clock=lambda: datetime.now(UTC) + ahead) as organisation:
        organisation.simulator.phones.script("+46701740605", NoAnswer())
        group = await organisation.import_people({"Anna Ek": ["+46701740605"]})
        policy = {"deadline_minutes": 30, "wait_between_rounds_seconds": 900}
        run = await organisation.start_run(group, policy=policy)
        await organisation.simulator.wait_for(lambda call: call.status == "no-answer")
        ahead = timedelta(minutes=31)
        done = await organisation.wait_until(run["id"], "done")
        assert done["counts"]["not_reached"] == 1
        person = (await organisation.recipients(run["id"]))["Anna Ek"]
        assert (person["reason"], person["attempts"]) == ("deadline", 1)


async def test_an_urgent_run_goes_first_although_every_ordinary_line_is_busy(tmp_path: Path) -> None:
    async with running_organisation(tmp_path, calls_per_second=20, max_concurrent_calls=5) as organisation:
        for (number,) in PEOPLE.values():
            organisation.simulator.phones.script(number, NoAnswer())
        urgent_number = "+46701740699"
        organisation.simulator.phones.script(urgent_number, Press())
        ordinary = await organisation.start_run(
            await organisation.import_people(PEOPLE, "Alla"), policy={"ring_timeout_seconds": 600, "rounds": 1}
        )
        await organisation.calls_placed(4)
        urgent_group = await organisation.import_people({"Anna Ek": [urgent_number]}, "Larm")
        began = asyncio.get_running_loop().time()
        urgent = await organisation.start_run(urgent_group, priority=10)
        await organisation.simulator.wait_for(lambda call: call.to == urgent_number)
        assert asyncio.get_running_loop().time() - began < 2
        await organisation.wait_until(urgent["id"], "done")
        await organisation.call_api("POST", f"/api/runs/{ordinary['id']}/stop", json={"hang_up": True})
        await organisation.wait_until(ordinary["id"], "stopped")


async def test_a_long_pause_costs_nobody_a_turn(tmp_path: Path) -> None:
    async with running_organisation(
        tmp_path, calls_per_second=20, max_concurrent_calls=20, feed_lease_sec=2
    ) as organisation:
        for (number,) in PEOPLE.values():
            organisation.simulator.phones.script(number, Press())
        run = await organisation.start_run(await organisation.import_people(PEOPLE))
        for _ in range(6):
            await organisation.call_api("POST", f"/api/runs/{run['id']}/pause")
            await organisation.simulator.wait_until_idle()
            await organisation.call_api("POST", f"/api/runs/{run['id']}/resume")
            await asyncio.sleep(0.1)
        began = asyncio.get_running_loop().time()
        done = await organisation.wait_until(run["id"], "done")
        assert done["counts"]["reached"] == 30
        assert asyncio.get_running_loop().time() - began < 15, "nobody waits for a lease to run out"


@pytest.mark.alone
async def test_a_drill_delays_no_real_call(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    people = {f"Person {i}": [f"+467017{i:05}"] for i in range(pytestconfig.getoption("--drill-people"))}
    async with (
        running_simulator(SimulatorOptions(speed=50)) as drill_network,
        running_organisation(
            tmp_path, calls_per_second=5, max_concurrent_calls=50, drill_api_base=drill_network.base_url
        ) as organisation,
    ):
        group = await organisation.import_people(people)
        drill = await organisation.start_run(group, mode="drill")
        await drill_network.wait_for(lambda call: call.status != "queued")
        began = asyncio.get_running_loop().time()
        real = await organisation.start_run(group, mode="real", first=1)
        await organisation.calls_placed(1)
        assert asyncio.get_running_loop().time() - began < 1.5
        assert len(drill_network.network.store) < len(people), "it did not wait until the drill had rung everybody"
        await organisation.wait_until(real["id"], "done")
        await organisation.call_api("POST", f"/api/runs/{drill['id']}/stop")
        await organisation.wait_until(drill["id"], "stopped")
        assert len(organisation.simulator.ledger()["calls"]) == len(await organisation.calls(real["id"]))
