"""A carrier that is away for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from gdial.errors import SetupError
from gdial.simulator import Simulator, SimulatorOptions, parse_fault_plan, running_simulator
from tests.simulator.caller import CALLS, NOBODY_ANSWERS, Caller
from tests.simulator.stepped_clock import SteppedClock


@pytest.fixture
async def simulator(clock: SteppedClock) -> AsyncIterator[Simulator]:
    """A network with a second port, whose time the test moves."""
    async with running_simulator(SimulatorOptions(clock=clock, profile=NOBODY_ANSWERS, control_port=0)) as simulator:
        yield simulator


def plan_outage(simulator: Simulator, how: str) -> None:
    outage = {"does": "outage", "how": how, "from_seconds": 10, "for_seconds": 20}
    simulator.faults.replace(parse_fault_plan({"faults": [outage]}))


async def test_nobody_listens_for_a_while(
    simulator: Simulator, session: aiohttp.ClientSession, clock: SteppedClock
) -> None:
    caller = Caller(simulator, session)
    plan_outage(simulator, "refused")
    await caller.place(Timeout="15")
    await clock.advance(11)
    # The connection that the session kept is broken as well, so no request gets through on it.
    with pytest.raises(aiohttp.ClientConnectorError):
        await caller.create()
    async with session.get(simulator.control_url + "/faults") as answer:
        assert (await answer.json())["injected"] == {"outage": 1}
    async with session.get(simulator.control_url + "/ledger") as answer:
        assert len((await answer.json())["calls"]) == 1
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await session.get(simulator.control_url + f"{CALLS}.json")
    await clock.advance(8)
    [row] = simulator.ledger()["calls"]
    assert row["status"] == "no-answer"
    await clock.advance(12)
    assert (await caller.create())[0] == 201


async def test_the_port_stays_taken_while_nobody_listens(simulator: Simulator, clock: SteppedClock) -> None:
    plan_outage(simulator, "refused")
    await clock.advance(11)
    port = int(simulator.base_url.rsplit(":")[-1])
    with pytest.raises(OSError, match="in use"):
        await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", port, reuse_address=False)
    await clock.advance(20)
    with pytest.raises(SetupError, match=f"127.0.0.1:{port}"):
        async with running_simulator(SimulatorOptions(port=port)):
            pass


async def test_the_vendor_says_that_it_is_away(
    simulator: Simulator, session: aiohttp.ClientSession, clock: SteppedClock
) -> None:
    caller = Caller(simulator, session)
    plan_outage(simulator, "error")
    await clock.advance(11)
    status, body = await caller.create()
    assert (status, body["code"], body["status"]) == (503, 20503, 503)
    assert (await caller.request("GET", f"{CALLS}.json"))[0] == 503
    assert (await caller.request("GET", "/ledger"))[1] == {"calls": []}
    await clock.advance(20)
    assert (await caller.create())[0] == 201


async def test_requests_hang_until_it_is_over(
    simulator: Simulator, session: aiohttp.ClientSession, clock: SteppedClock
) -> None:
    caller = Caller(simulator, session)
    plan_outage(simulator, "hang")
    await clock.advance(11)
    before = clock.sleepers
    asking = asyncio.create_task(caller.create())
    while clock.sleepers == before:
        await clock.settle()
    assert simulator.ledger() == {"calls": []}
    assert not asking.done()
    await clock.advance(20)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await asking
    assert (await caller.create())[0] == 201
    assert len(simulator.ledger()["calls"]) == 1


async def test_another_plan_ends_an_outage(
    simulator: Simulator, session: aiohttp.ClientSession, clock: SteppedClock
) -> None:
    plan_outage(simulator, "refused")
    await clock.advance(11)
    async with session.put(simulator.control_url + "/faults", json={}) as answer:
        assert answer.status == 200
    await clock.settle()
    assert (await Caller(simulator, session).create())[0] == 201
