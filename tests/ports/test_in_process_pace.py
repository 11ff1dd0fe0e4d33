"""The limiter inside one process keeps what every pace promises; its finer points are in tests/unit/carriers."""

from __future__ import annotations

import pytest

from gdial.carriers.pace import InProcessPace
from gdial.dialing.pacing import Pace, Slot
from tests.ports.pace_port import PacedNetwork, PacePortSuite


async def claim(pace: Pace, slot: Slot) -> None:
    """Departing tells it."""


async def end_call(pace: Pace) -> None:
    pace.free_line()


class TestInProcessPace(PacePortSuite):
    @pytest.fixture
    def network(self) -> PacedNetwork:
        return PacedNetwork(InProcessPace, claim, end_call)
