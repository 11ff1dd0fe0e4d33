"""When the reconciler looks at attempts, moved for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, update

from gdial.dialing.states import AttemptState
from gdial.storage.batches import in_batches, one_of
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs


async def ask_now(tx: Transaction, attempt_ids: Sequence[UUID], now: datetime) -> None:
    """Those of them that the carrier holds are due to be asked about."""
    for ids in in_batches(attempt_ids):
        await _move(tx, now, one_of(tx, call_logs.c.id, ids), *_is_asked_after(now))


async def ask_about_all_placed(tx: Transaction, now: datetime) -> int:
    """Every call that the carrier holds is asked about now: words may have been missed. How many there are."""
    return await _move(tx, now, *_is_asked_after(now))


async def put_off(tx: Transaction, attempt_ids: Sequence[UUID], ask_at: datetime) -> None:
    """They are asked about at this moment, unless something is heard of them before."""
    for ids in in_batches(attempt_ids):
        await _move(tx, ask_at, one_of(tx, call_logs.c.id, ids), call_logs.c.state != AttemptState.CLOSED)


def _is_asked_after(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (call_logs.c.state == AttemptState.PLACED, call_logs.c.ask_at > now)


async def _move(tx: Transaction, ask_at: datetime, *chosen: ColumnElement[bool]) -> int:
    """Those that somebody is changing at this moment are left out: something is just heard of them. Whoever holds many
    attempts and waits for more, as this would, waits in a circle with the next who does."""
    result = await tx.execute(update(call_logs).where(call_logs.c.id.in_(_free(*chosen))).values(ask_at=ask_at))
    return result.rowcount


def _free(*chosen: ColumnElement[bool]) -> Select[tuple[UUID]]:
    return select(call_logs.c.id).where(*chosen).with_for_update(skip_locked=True)
