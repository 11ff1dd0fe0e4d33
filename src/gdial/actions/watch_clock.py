"""A clock that is set back would leave everybody waiting for times that are far ahead now: they are moved with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from gdial.runtime import Runtime
from gdial.storage import clock
from gdial.storage.turns import take_turn

log = structlog.get_logger(__name__)

SET_BACK = timedelta(seconds=5)
"""Less than this is a clock that is being kept right."""
REMEMBER_EVERY = timedelta(seconds=60)


class ClockWatch:
    """Looks at this process's clock each time, and at the time that was stored last once a minute.

    A clock that is set forward needs nothing: what was waited for is due. NOT covered: clocks of several machines that
    differ; where there is a PostgreSQL, its clock decides whether the time was set back.
    """

    def __init__(self, rt: Runtime, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rt = rt
        self._monotonic = monotonic
        self._last: datetime | None = None
        self._last_monotonic = monotonic()
        self._remember_at: datetime | None = None

    async def look(self) -> bool:
        """Whether the clock was found to be set back. Raises DatabaseUnavailable; then the next look finds it."""
        now = self._rt.clock()
        went_back = self._went_back(now)
        if went_back <= SET_BACK and self._remember_at is not None and now < self._remember_at:
            self._remember(now)
            return False
        moved = await self._move_times(now, went_back)
        self._remember(now)
        self._remember_at = now + REMEMBER_EVERY
        if moved is None and went_back <= SET_BACK:
            return False
        self._tell(moved, went_back)
        return True

    def _went_back(self, now: datetime) -> timedelta:
        """By how much since the last look; nothing for a clock that only stood still."""
        if self._last is None or now >= self._last:
            return timedelta(0)
        return self._last - now + timedelta(seconds=self._monotonic() - self._last_monotonic)

    def _remember(self, now: datetime) -> None:
        self._last, self._last_monotonic = now, self._monotonic()

    async def _move_times(self, now: datetime, went_back: timedelta) -> timedelta | None:
        """By how much stored times were moved; None when another process did it, or nothing was wrong with them."""
        async with self._rt.database.transaction() as tx:
            await take_turn(tx, "clock")
            shared = await clock.time_shared(tx, now)
            latest = await clock.latest(tx)
            by = timedelta(0) if latest is None else latest - shared
            if self._rt.database.is_sqlite:
                by = max(by, went_back)
            await clock.remember_latest(tx, shared)
            if by <= SET_BACK:
                return None
            by = max(by, went_back)
            rows = await clock.move_back(tx, now, by)
        log.warning("stored times were moved back with the clock", seconds=by.total_seconds(), rows=rows)
        self._rt.bells.feed.set()
        return by

    def _tell(self, moved: timedelta | None, went_back: timedelta) -> None:
        seconds = round(max(moved or timedelta(0), went_back).total_seconds())
        if moved is None:
            words = "this machine's clock was set back; the database's was not: set the clocks right (NTP)"
        else:
            words = "the clock was set back; waits were moved with it, and nobody waits longer: check the clock (NTP)"
        self._rt.alarms.sound("clock set back", words, seconds=seconds)
