"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class SteppedClock:
    """Wakes sleepers in the order of their time, each before the clock moves on."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self._elapsed)

    def elapsed_seconds(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), future))
        await future

    async def sleep_by_calendar(self, seconds: float) -> None:
        await self.sleep(seconds)

    @property
    def sleepers(self) -> int:
        """How many sleep."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Move on, and let everything happen that falls due on the way."""
        await self.settle()
        end = self._elapsed + seconds
        while self._sleepers and self._sleepers[0][0] <= end + 1e-9:
            self._elapsed = self._sleepers[0][0]
            while self._sleepers and self._sleepers[0][0] == self._elapsed:
                _, _, future = heapq.heappop(self._sleepers)
                if not future.done():
                    future.set_result(None)
            await self.settle()
        self._elapsed = end

    @staticmethod
    async def settle() -> None:
        """Let every task run that can; what waits for the network is waited for by its event, not here."""
        for _ in range(50):
            await asyncio.sleep(0)
