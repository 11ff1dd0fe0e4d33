"""The limiter inside one process: exact for everything that dials from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from gdial.dialing.pacing import Rate, lines_for


class InProcessPace:
    """Implements `Pace` on a clock that only goes forward, in seconds.

    `open_lines` is how many calls are under way when the process starts, as the database says.
    """

    def __init__(
        self,
        per_second: float,
        lines: int,
        *,
        open_lines: int = 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._lines = lines
        self._rate = Rate(per_second)
        self._open = open_lines
        self._next_at = float("-inf")
        self._spare_at = float("-inf")
        self._clock = clock
        self._sleep = sleep

    @property
    def per_second(self) -> float:
        return self._rate.per_second

    async def take_slot(self, priority: int) -> bool:
        if self.free_lines(priority) <= 0:
            return False
        self._open += 1
        try:
            await self._wait_for_start()
        except BaseException:
            self.give_back()
            raise
        return True

    def give_back(self) -> None:
        self._spare_at = self._clock()
        self.free_line()

    def free_line(self) -> None:
        self._open = max(0, self._open - 1)

    def free_lines(self, priority: int) -> int:
        return max(0, lines_for(priority, self._lines) - self._open)

    async def _wait_for_start(self) -> None:
        now = self._clock()
        if now - self._spare_at < self._rate.interval:
            self._spare_at = float("-inf")
            return
        start_at, self._next_at = self._rate.take(self._next_at, now)
        if start_at > now:
            await self._sleep(start_at - now)
