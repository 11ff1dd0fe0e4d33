"""Time as the telephone network feels it.

Two times stand side by side: the calendar's, in which other programs compare our dates with theirs and faults are
planned, and telephone seconds, in which phones ring, sounds play and pauses last. They run apart when the network is
sped up. Both can be moved ahead together, so that what takes hours of waiting is over at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gdial.errors import InvalidInput


class Clock(Protocol):
    """What the simulated network asks about time."""

    def now(self) -> datetime:
        """The calendar's time, in UTC."""

    def elapsed_seconds(self) -> float:
        """Telephone seconds since some fixed moment; only differences mean anything."""

    async def sleep(self, seconds: float) -> None:
        """Wait so many telephone seconds."""

    async def sleep_by_calendar(self, seconds: float) -> None:
        """Wait so many seconds of the calendar."""


@dataclass(slots=True, eq=False)
class _Sleeper:
    """Somebody who is to be woken when the time that runs at `rate` comes to `due`."""

    woken: asyncio.Future[None]
    rate: float
    due: float
    timer: asyncio.TimerHandle | None = None


class ScaledClock:
    """The machine's own clock, with telephone seconds passing `speed` times as fast as real ones.

    `advance` moves it ahead of the machine's for good; hand `clock.now` to whoever must feel that too.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._leapt_seconds = 0.0
        self._sleepers: set[_Sleeper] = set()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._leapt_seconds)

    def elapsed_seconds(self) -> float:
        return self._passed(self.speed)

    async def sleep(self, seconds: float) -> None:
        await self._sleep(seconds, self.speed)

    async def sleep_by_calendar(self, seconds: float) -> None:
        await self._sleep(seconds, 1.0)

    def advance(self, seconds: float) -> None:
        """Let so many seconds, of the calendar and of telephones, have passed at once.

        Everybody whose time has come wakes in the order of their times, but all of them find the clock where it is
        now: a call that was ringing is answered late. Move the clock while no call is open to keep calls as they are.
        Raises `InvalidInput` for a step that does not lead ahead.
        """
        if not 0 < seconds < timedelta.max.total_seconds():
            raise InvalidInput(f"{seconds} does not lead ahead", where="advance_seconds", example="1800")
        self._leapt_seconds += seconds
        for sleeper in sorted(self._sleepers, key=self._seconds_left):
            self._set_timer(sleeper)

    async def _sleep(self, seconds: float, rate: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sleeper = _Sleeper(woken, rate, self._passed(rate) + max(0.0, seconds))
        self._sleepers.add(sleeper)
        self._set_timer(sleeper)
        try:
            await woken
        finally:
            self._sleepers.discard(sleeper)
            if sleeper.timer is not None:
                sleeper.timer.cancel()

    def _set_timer(self, sleeper: _Sleeper) -> None:
        if sleeper.timer is not None:
            sleeper.timer.cancel()
        left = self._seconds_left(sleeper)
        if left > 0:
            sleeper.timer = asyncio.get_running_loop().call_later(left, _wake, sleeper)
        else:
            _wake(sleeper)

    def _seconds_left(self, sleeper: _Sleeper) -> float:
        return (sleeper.due - self._passed(sleeper.rate)) / sleeper.rate

    def _passed(self, rate: float) -> float:
        return asyncio.get_running_loop().time() * rate + self._leapt_seconds


def _wake(sleeper: _Sleeper) -> None:
    if not sleeper.woken.done():
        sleeper.woken.set_result(None)
