from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from gdial.simulator import Simulator, SimulatorOptions, running_simulator
from tests.simulator.application import Application, running_application
from tests.simulator.caller import NOBODY_ANSWERS, Caller
from tests.simulator.stepped_clock import SteppedClock


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    async with running_application() as application:
        yield application


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def stepped(clock: SteppedClock, session: aiohttp.ClientSession) -> AsyncIterator[Caller]:
    """A caller on a network whose time the test moves."""
    async with running_simulator(SimulatorOptions(clock=clock, profile=NOBODY_ANSWERS)) as simulator:
        yield Caller(simulator, session)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A network on which a minute passes in a third of a second."""
    async with running_simulator(SimulatorOptions(speed=200, profile=NOBODY_ANSWERS)) as simulator:
        yield simulator


@pytest.fixture
async def caller(simulator: Simulator, session: aiohttp.ClientSession) -> Caller:
    return Caller(simulator, session)
