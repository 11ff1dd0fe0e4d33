"""Raise an alarm while the database is away or has no room, and say when that is over."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from gdial.actions.waiting import within
from gdial.errors import DatabaseUnavailable
from gdial.monitoring.metrics import AlarmKind
from gdial.runtime import Runtime
from gdial.storage import probe
from gdial.storage.trouble import Trouble, TroubleKind

log = structlog.get_logger(__name__)

ASK_EVERY_SECONDS = 5.0
ANSWER_SECONDS = 3.0
QUIET_SECONDS = 12.0
"""Longer than from one question to the next, and shorter than anybody waits to hear that all is well."""
AWAY_FOR_SECONDS = 4.0
"""A restart of the database is no alarm; a disk without room is one at once."""
TOLD_EVERY_SECONDS = 60.0
WORDS: dict[TroubleKind, tuple[AlarmKind, str]] = {
    TroubleKind.AWAY: (
        "database away",
        "the database does not answer: nobody is rung, callers are kept on the line; it goes on by itself",
    ),
    TroubleKind.FULL: (
        "disk full",
        "the database has no room to write: make room on its disk; it goes on by itself",
    ),
}


class DatabaseWatch:
    """Asks the database now and then, and hears from everybody else who does. Never waits long for it."""

    def __init__(self, rt: Runtime, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rt = rt
        self._monotonic = monotonic
        self._ask_at = monotonic() + ASK_EVERY_SECONDS
        self._told: dict[TroubleKind, float] = {}

    async def look(self) -> None:
        """Never raises for what is wrong with the database."""
        if self._monotonic() >= self._ask_at:
            await self._ask()
            self._ask_at = self._monotonic() + ASK_EVERY_SECONDS
        trouble = self._rt.database.troubles.current(QUIET_SECONDS)
        if trouble is not None:
            self._tell(trouble)
        else:
            self._tell_it_is_over()

    def _tell_it_is_over(self) -> None:
        for trouble_kind in self._told:
            kind, _ = WORDS[trouble_kind]
            self._rt.alarms.sound_over(kind, "the database answers again, and takes what is written")
        self._told.clear()

    async def _ask(self) -> None:
        try:
            await within(ANSWER_SECONDS, probe.ask(self._rt.database))
        except TimeoutError as error:
            self._rt.database.troubles.note(str(error))
        except DatabaseUnavailable as error:
            log.debug("the database is away", why=str(error))

    def _tell(self, trouble: Trouble) -> None:
        now = self._monotonic()
        lasts_seconds = trouble.last_at - trouble.first_at
        if trouble.kind is TroubleKind.AWAY and lasts_seconds < AWAY_FOR_SECONDS:
            return
        told_at = self._told.get(trouble.kind)
        if told_at is not None and now - told_at < TOLD_EVERY_SECONDS:
            return
        self._told[trouble.kind] = now
        kind, words = WORDS[trouble.kind]
        self._rt.alarms.sound(kind, words, why=trouble.why, lasts_seconds=round(lasts_seconds))
