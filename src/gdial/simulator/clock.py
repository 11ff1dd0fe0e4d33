"""Time as the telephone network feels it.

Two times stand side by side: the wall's, in which other programs compare our dates with theirs, and telephone
seconds, in which phones ring, sounds play and pauses last. They run apart when the network is sped up.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the simulated network asks about time."""

    def now(self) -> datetime:
        """The wall's time, in UTC."""

    def elapsed_seconds(self) -> float:
        """Telephone seconds since some fixed moment; only differences mean anything."""

    async def sleep(self, seconds: float) -> None:
        """Wait so many telephone seconds."""


class ScaledClock:
    """The machine's own clock, with telephone seconds passing `speed` times as fast as real ones."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed_seconds(self) -> float:
        return asyncio.get_running_loop().time() * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.speed)
