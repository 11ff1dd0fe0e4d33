"""The network's own clock: sped up, and moved ahead."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from gdial.errors import InvalidInput
from gdial.simulator import NoAnswer, ScaledClock, SimulatorOptions, parse_fault_plan, running_simulator
from tests.simulator.application import Application
from tests.simulator.caller import NOBODY_ANSWERS, Caller
from tests.simulator.stepped_clock import SteppedClock

HOUR = 3600.0


async def test_who_waits_for_hours_is_woken_by_a_leap_in_the_order_of_time() -> None:
    clock = ScaledClock(speed=10)
    woken: list[str] = []

    async def wait(name: str, sleeping: asyncio.Task[None]) -> None:
        await sleeping
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        for name, sleep in (("late", clock.sleep(3 * HOUR)), ("soon", clock.sleep_by_calendar(HOUR))):
            group.create_task(wait(name, asyncio.create_task(sleep)))
        await asyncio.sleep(0)
        began, telephone = clock.now(), clock.elapsed_seconds()
        clock.advance(2 * HOUR)
        assert clock.now() - began >= timedelta(hours=2)
        assert 2 * HOUR <= clock.elapsed_seconds() - telephone < 2 * HOUR + 60
        await SteppedClock.settle()
        assert woken == ["soon"]
        clock.advance(2 * HOUR)
    assert woken == ["soon", "late"]


async def test_a_clock_never_goes_back() -> None:
    for seconds in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match="does not lead ahead"):
            ScaledClock().advance(seconds)


async def test_a_leap_over_http_moves_calls_and_faults(
    application: Application, session: aiohttp.ClientSession
) -> None:
    late = {"does": "callback_late", "seconds": HOUR}
    options = SimulatorOptions(profile=NOBODY_ANSWERS, faults=parse_fault_plan({"faults": [late]}))
    async with running_simulator(options) as simulator:
        simulator.phones.script("+46701234567", NoAnswer())
        sid = await (caller := Caller(simulator, session)).place(StatusCallback=application.url("/status"))
        await simulator.wait_for(lambda call: call.status == "ringing")
        async with session.post(simulator.base_url + "/clock", json={"advance_seconds": 90}) as answer:
            told = datetime.fromisoformat((await answer.json())["now"])
        assert told - datetime.now(UTC) > timedelta(seconds=80)
        await simulator.wait_for(lambda call: call.is_over)
        assert caller.row(sid)["ended"] > caller.row(sid)["created"]
        async with session.post(simulator.base_url + "/clock", json={"advance_seconds": HOUR}) as answer:
            assert answer.status == 200
        await simulator.wait_until_idle()
    assert len(application.at("/status")) == 1


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"advance_seconds": "1"}', '{"advance_seconds": -1}'])
async def test_a_bad_leap_is_explained(caller: Caller, session: aiohttp.ClientSession, body: str) -> None:
    async with session.post(caller.simulator.base_url + "/clock", data=body) as answer:
        assert answer.status == 422
        assert "advance_seconds" in (await answer.json())["text"]


async def test_a_clock_of_another_kind_is_left_to_its_owner(stepped: Caller, session: aiohttp.ClientSession) -> None:
    async with session.post(stepped.simulator.base_url + "/clock", json={"advance_seconds": 60}) as answer:
        assert answer.status == 422
    async with session.get(stepped.simulator.base_url + "/clock") as answer:
        assert await answer.json() == {"now": "2026-11-23T04:00:00+00:00", "telephone_seconds": 0.0}
