"""Who is due: the rows that the feeder puts on the queue. The window is counted here, not by the broker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, update

from gdial.dialing.states import RecipientState, RunMode
from gdial.storage import runs
from gdial.storage.database import Transaction
from gdial.storage.tables import call_runs, recipients


@dataclass(frozen=True, slots=True)
class DueRecipient:
    id: UUID
    run_id: UUID
    contact_id: UUID | None
    priority: int
    feeds: int


async def take_due(
    tx: Transaction, mode: RunMode, now: datetime, limit: int, least_priority: int = 1
) -> list[DueRecipient]:
    """Up to `limit` people who are due and on no queue: the most urgent runs first, then by turn, then longest due.

    Their rows are locked; rows that somebody else holds are left out, and runs below `least_priority`.
    """
    found: list[DueRecipient] = []
    by_priority: dict[int, list[UUID]] = {}
    for run_id, priority in await runs.running(tx, mode):
        if priority >= least_priority:
            by_priority.setdefault(priority, []).append(run_id)
    for priority, run_ids in by_priority.items():
        if len(found) >= limit:
            break
        candidates = [
            row for run_id in run_ids for row in await tx.execute(_due_in_run(run_id, now, limit - len(found)))
        ]
        candidates.sort(key=lambda row: (row.turn, row.due_at, row.position))
        found += [
            DueRecipient(row.id, row.run_id, row.contact_id, priority, row.feeds)
            for row in candidates[: limit - len(found)]
        ]
    return found


def _due_in_run(run_id: UUID, now: datetime, limit: int) -> Select[Any]:
    columns = recipients.c
    return (
        select(
            columns.id,
            columns.run_id,
            columns.contact_id,
            columns.feeds,
            columns.turn,
            columns.due_at,
            columns.position,
        )
        .where(
            columns.run_id == run_id,
            columns.state == RecipientState.WAITING,
            columns.due_at <= now,
            or_(columns.fed_until.is_(None), columns.fed_until <= now),
        )
        .order_by(columns.turn, columns.due_at, columns.position)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


async def mark_fed(tx: Transaction, ids: list[UUID], fed_until: datetime) -> None:
    await tx.execute(
        update(recipients).where(recipients.c.id.in_(ids)).values(fed_until=fed_until, feeds=recipients.c.feeds + 1)
    )


async def count_fed(tx: Transaction, mode: RunMode, now: datetime, least_priority: int = 1) -> int:
    """How many people lie on the queue with their feed still fresh; runs below `least_priority` left out."""
    query = (
        select(func.count())
        .select_from(recipients.join(call_runs, call_runs.c.id == recipients.c.run_id))
        .where(
            recipients.c.fed_until > now,
            recipients.c.state == RecipientState.WAITING,
            call_runs.c.mode == mode,
            call_runs.c.priority >= least_priority,
        )
    )
    return (await tx.execute(query)).scalar_one()


async def most_urgent(tx: Transaction, mode: RunMode, above: int, now: datetime) -> UUID | None:
    """Somebody who is due in a run more urgent than `above`, locked; None when there is nobody."""
    for run_id, priority in await runs.running(tx, mode):
        if priority <= above:
            return None
        found = await _lock_one_due(tx, run_id, recipients.c.due_at <= now)
        if found is not None:
            return found
    return None


async def in_an_earlier_turn(tx: Transaction, run_id: UUID, turn: int, now: datetime) -> UUID | None:
    """Somebody who is due in this run and whose turn comes before this one, locked; None when there is nobody."""
    return await _lock_one_due(tx, run_id, recipients.c.due_at <= now, recipients.c.turn < turn)


async def _lock_one_due(tx: Transaction, run_id: UUID, *due: ColumnElement[bool]) -> UUID | None:
    """Whom somebody else holds is waited for when there is nobody else: a feeder that holds them all for a moment must
    not let others go first."""
    columns = recipients.c
    query = (
        select(columns.id)
        .where(columns.run_id == run_id, columns.state == RecipientState.WAITING, *due)
        .order_by(columns.turn, columns.due_at, columns.position)
        .limit(1)
    )
    for skip_locked in (True, False):
        found: UUID | None = (await tx.execute(query.with_for_update(skip_locked=skip_locked))).scalar_one_or_none()
        if found is not None:
            return found
    return None


async def forget_feeds(tx: Transaction) -> None:
    """Nobody is on a queue: the one inside the process has just been made."""
    await tx.execute(update(recipients).where(recipients.c.fed_until.is_not(None)).values(fed_until=None, feeds=0))
