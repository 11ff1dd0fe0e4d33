"""The limiter inside one process: exact for everything that dials from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from gdial.dialing.pacing import CATCH_UP_SECONDS, Rate, Slot, lines_for
from gdial.dialing.slowing import Slowing


class InProcessPace:
    """Implements `Pace` on a clock that only goes forward, in seconds.

    `open_lines` is how many calls are under way when the process starts, as the database says. Who asks for a slot
    waits in turn, and only the first in turn has a moment to wait for: a start that is given back moves it up.
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
        self._full_rate = Rate(per_second, CATCH_UP_SECONDS)
        self._slowing = Slowing()
        self._departures = Rate(per_second)
        self._next_departs_at = float("-inf")
        self._gate = asyncio.Lock()
        self._in_hand = 0
        self._calls = open_lines
        self._changes = 0
        self._last_count: tuple[int, int] | None = None
        self._next_at = float("-inf")
        self._turn = asyncio.Lock()
        self._given_back = asyncio.Event()
        self._is_stopped = False
        self._clock = clock
        self._sleep = sleep

    @property
    def per_second(self) -> float:
        return self._rate.per_second

    @property
    def _rate(self) -> Rate:
        return self._full_rate.slowed(self._slowing.share_at(self._clock()))

    async def slow_down(self) -> float:
        self._slowing = self._slowing.after_refusal(self._clock(), self._full_rate.per_second)
        return self.per_second

    async def take_slot(self, priority: int) -> Slot | None:
        if self._free_lines(priority) <= 0 or self._is_stopped:
            return None
        self._in_hand += 1
        try:
            async with self._turn:
                slot = await self._wait_for_start()
        except BaseException:
            self._in_hand -= 1
            raise
        if slot is None:
            self._in_hand -= 1
        return slot

    async def depart(self) -> float:
        self._in_hand -= 1
        self._count_calls(self._calls + 1)
        asked_at = self._clock()
        async with self._gate:
            due_at = max(self._next_departs_at, asked_at)
            while (wait := due_at - self._clock()) > 0:
                await self._sleep(wait)
            left_at = self._clock()
            self._next_departs_at = self._departures.after_leaving(due_at, left_at)
        return left_at - asked_at

    def stop_taking(self) -> None:
        self._is_stopped = True
        self._given_back.set()

    async def give_back(self, slot: Slot) -> None:
        if self._next_at == slot.next_at:
            self._next_at = slot.next_at_before
            self._given_back.set()
        self._in_hand -= 1

    def free_line(self) -> None:
        self._count_calls(max(0, self._calls - 1))

    async def free_lines(self, priority: int) -> int:
        return self._free_lines(priority)

    def _free_lines(self, priority: int) -> int:
        return max(0, lines_for(priority, self._lines) - self._in_hand - self._calls)

    def recount(self, open_calls: int) -> None:
        """Believed when it was told twice and no call began or ended here between: one may be on its way to us."""
        count = (open_calls, self._changes)
        if count == self._last_count:
            self._calls = open_calls
        self._last_count = count

    def _count_calls(self, calls: int) -> None:
        self._calls = calls
        self._changes += 1

    async def _wait_for_start(self) -> Slot | None:
        """None when nobody gets a slot any more."""
        while not self._is_stopped:
            now = self._clock()
            start_at, next_at = self._rate.take(self._next_at, now)
            if start_at <= now:
                slot = Slot(next_at, self._next_at)
                self._next_at = next_at
                return slot
            await sleep_unless(self._given_back, self._sleep(start_at - now))
        return None


async def sleep_unless(woken: asyncio.Event, sleep: Awaitable[None]) -> None:
    """Sleep until done or woken from now on."""
    woken.clear()
    wakes = [asyncio.ensure_future(sleep), asyncio.ensure_future(woken.wait())]
    try:
        await asyncio.wait(wakes, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wake in wakes:
            wake.cancel()
