"""Brakes on programs that ask for too much: how often one number is rung, and how many runs start, within an hour.

They never hold back an operator, nor anything urgent. Who is held back waits; nobody is lost by a brake.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from gdial.dialing.pacing import URGENT_PRIORITY

WINDOW = timedelta(hours=1)


class Starter(StrEnum):
    """Whose wish a run is."""

    OPERATOR = "operator"  # a person, by the command line or the board
    PROGRAM = "program"  # a program, by the REST interface
    JOB = "job"  # a program's single call, or its job on a queue: counts as no run of its own


def may_be_braked(started_by: Starter, priority: int) -> bool:
    return started_by is not Starter.OPERATOR and priority < URGENT_PRIORITY


def free_at(latest: Sequence[datetime], most: int, now: datetime) -> datetime | None:
    """When the next of at most so many within an hour may be; None: at once. `latest` begins with the newest; one in
    the future is by a clock that jumped back, and counts as now. `most` 0: any number."""
    if most == 0 or len(latest) < most:
        return None
    free = min(latest[most - 1], now) + WINDOW
    return free if free > now else None
