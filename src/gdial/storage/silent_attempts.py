"""Attempts of which nothing is heard, taken many at a time by whoever asks the carrier about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from gdial.dialing.states import AttemptState
from gdial.storage.asking import put_off
from gdial.storage.attempts import StoredAttempt, read_attempt
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs


async def are_any_due(tx: Transaction, now: datetime) -> bool:
    query = select(call_logs.c.id).where(call_logs.c.state != AttemptState.CLOSED, call_logs.c.ask_at <= now).limit(1)
    return (await tx.execute(query)).first() is not None


async def take_due(tx: Transaction, now: datetime, limit: int, until: Callable[[int], datetime]) -> list[StoredAttempt]:
    """Those that have been silent the longest, and nobody else's until what `until` says for so many; those that
    somebody else takes at this moment are left out."""
    query = (
        select(call_logs)
        .where(call_logs.c.state != AttemptState.CLOSED, call_logs.c.ask_at <= now)
        .order_by(call_logs.c.ask_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = [read_attempt(row) for row in await tx.execute(query)]
    await put_off(tx, [attempt.facts.id for attempt in taken], until(len(taken)))
    return taken
