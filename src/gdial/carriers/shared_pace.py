"""The limiter shared by several processes: exact for everything that dials from any of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from gdial.carriers.pace import sleep_unless
from gdial.dialing.pacing import CATCH_UP_SECONDS, Gates, Rate, Slot, lines_for
from gdial.dialing.states import RunMode
from gdial.errors import DatabaseUnavailable

log = structlog.get_logger(__name__)

SHARE_IS_KNOWN_SECONDS = 1.0


class SharedPace:
    """Implements `Pace` on gates that all processes share.

    Nothing is reserved ahead: who is too early is told how long to wait, sleeps on this process's own clock and asks
    again. Only the first in turn asks, so that as many questions contend as there are processes. Turns are kept
    within a process, not over all of them. A slot whose taker is cancelled while it is being given is lost: its start
    at once, its line until the lease lapses.
    """

    def __init__(
        self,
        gates: Gates,
        mode: RunMode,
        per_second: float,
        lines: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gates = gates
        self._mode = mode
        self._lines = lines
        self._rate = Rate(per_second, CATCH_UP_SECONDS)
        self._departures = Rate(per_second)
        self._share = 1.0
        self._share_is_known_until = float("-inf")
        self._turn = asyncio.Lock()
        self._departure_turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._is_stopped = False
        self._clock = clock
        self._sleep = sleep

    @property
    def per_second(self) -> float:
        """As the last look for free lines found it, not more than a second before it."""
        return self._rate.slowed(self._share).per_second

    async def slow_down(self) -> float:
        self._share = await self._gates.slow_down(self._mode, self._rate.per_second)
        return self.per_second

    async def take_slot(self, priority: int) -> Slot | None:
        async with self._turn:
            while not self._is_stopped:
                answer = await self._gates.take(self._mode, self._rate, lines_for(priority, self._lines))
                if not isinstance(answer, float):
                    return answer
                if not self._is_stopped:
                    await sleep_unless(self._woken, self._sleep(answer))
        return None

    async def depart(self) -> float:
        began_at = self._clock()
        async with self._departure_turn:
            asked_at, wait = await self._gates.leave(self._mode, self._departures, None)
            while wait > 0:
                await self._sleep(wait)
                asked_at, wait = await self._gates.leave(self._mode, self._departures, asked_at)
        return self._clock() - began_at

    def stop_taking(self) -> None:
        self._is_stopped = True
        self._woken.set()

    async def give_back(self, slot: Slot) -> None:
        try:
            await self._gates.give_back(self._mode, slot)
        except DatabaseUnavailable as error:
            log.warning("a slot is not given back; its line is free when the lease lapses", why=str(error))
        self._woken.set()

    def free_line(self) -> None:
        """The database knows."""

    def recount(self, open_calls: int) -> None:
        """The database counts at each question."""

    async def free_lines(self, priority: int) -> int:
        now = self._clock()
        if now >= self._share_is_known_until:
            self._share = await self._gates.share(self._mode)
            self._share_is_known_until = now + SHARE_IS_KNOWN_SECONDS
        return max(0, lines_for(priority, self._lines) - await self._gates.taken_lines(self._mode))
