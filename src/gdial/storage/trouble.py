"""What is wrong with the database, as those who asked it found: noted here, told by whoever watches."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

DISK_FULL_SQLSTATE = "53100"
FULL_TO_SQLITE = "database or disk is full"


class TroubleKind(StrEnum):
    AWAY = "away"  # nobody there, silence, a lock, a file that cannot be written
    FULL = "full"  # it answers, and has no room


@dataclass(frozen=True, slots=True)
class Trouble:
    """Times are monotonic seconds; `why` is what the last one who asked was told."""

    kind: TroubleKind
    first_at: float
    last_at: float
    why: str


class Troubles:
    """The trouble of one database, as this process sees it. It is over when nothing has been noted for a while: a
    question that is answered proves little about the next one that writes."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._current: Trouble | None = None

    def note(self, why: str, *, is_full: bool = False) -> None:
        now = self._monotonic()
        kind = TroubleKind.FULL if is_full else TroubleKind.AWAY
        if self._current is None:
            self._current = Trouble(kind, now, now, why)
        # Who waits for the room that is lacking may be told of a lock: the lack is what matters.
        elif self._current.kind is TroubleKind.FULL and not is_full:
            self._current = replace(self._current, last_at=now)
        else:
            self._current = replace(self._current, kind=kind, last_at=now, why=why)

    def current(self, quiet_seconds: float) -> Trouble | None:
        """None when none was noted for so long, which ends it."""
        if self._current is not None and self._monotonic() - self._current.last_at > quiet_seconds:
            self._current = None
        return self._current


def is_full(sqlstate: str | None, text: str) -> bool:
    """Whether a driver's error means that the disk has no room (PostgreSQL's condition, SQLite's words)."""
    return sqlstate == DISK_FULL_SQLSTATE or FULL_TO_SQLITE in text
