"""Times that were stored by a clock which was set back since: they are moved back by as much."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Interval, Table, func, literal, select, update

from gdial.dialing.states import AttemptState, RunState
from gdial.storage import installation
from gdial.storage.columns import UtcDateTime
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs, call_runs, carrier_events, recipients, webhook_deliveries

LATEST = "latest time"
OPEN_RUNS = select(call_runs.c.id).where(call_runs.c.state.in_([RunState.RUNNING, RunState.PAUSED]))
WAITS: tuple[tuple[Table, tuple[Column[Any], ...], ColumnElement[bool]], ...] = (
    (recipients, (recipients.c.due_at, recipients.c.fed_until), recipients.c.run_id.in_(OPEN_RUNS)),
    (call_logs, (call_logs.c.ask_at, call_logs.c.claimed_at), call_logs.c.state != AttemptState.CLOSED),
    (call_runs, (call_runs.c.deadline_at,), call_runs.c.id.in_(OPEN_RUNS)),
    (carrier_events, (carrier_events.c.received_at,), carrier_events.c.decided_at.is_(None)),
    (webhook_deliveries, (webhook_deliveries.c.next_at,), webhook_deliveries.c.next_at.is_not(None)),
)
"""What is waited for, and the moments that a wait is counted from. When a run is to start is not among them: that was
said by a person, in the time of the clock on the wall."""


async def time_shared(tx: Transaction, here: datetime) -> datetime:
    """The clock that all processes on this database have in common: the server's; with SQLite this process's own."""
    if tx.dialect.name == "sqlite":
        return here
    return (await tx.execute(select(func.clock_timestamp(type_=UtcDateTime)))).scalar_one()


async def latest(tx: Transaction) -> datetime | None:
    """The latest moment that was ever stored by `remember_latest`."""
    stored = await installation.get(tx, LATEST)
    return None if stored is None else datetime.fromisoformat(stored)


async def remember_latest(tx: Transaction, now: datetime) -> None:
    await installation.put(tx, LATEST, now.isoformat())


async def move_back(tx: Transaction, now: datetime, by: timedelta) -> int:
    """Of everything that is under way, what lies ahead of now; how many rows were changed."""
    changed = 0
    for table, columns, is_open in WAITS:
        for column in columns:
            moved = update(table).where(is_open, column > now).values({column: _earlier(tx, column, by)})
            changed += (await tx.execute(moved)).rowcount
    return changed


def _earlier(tx: Transaction, column: Column[Any], by: timedelta) -> ColumnElement[Any]:
    if tx.dialect.name == "sqlite":
        # Moments are text there, and SQLite counts in milliseconds.
        return func.strftime("%Y-%m-%d %H:%M:%f000", column, f"-{by.total_seconds():.3f} seconds")
    return column - literal(by, Interval)
