"""What carriers told us, stored before anything is decided on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.database import Transaction
from gdial.storage.tables import carrier_events


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """`event_id` is the carrier's own name for the word, or the prompt's step for a key: unique in its attempt."""

    attempt_id: UUID
    event_id: str
    kind: str
    sid: str
    facts: Mapping[str, Any]
    received_at: datetime


async def insert_if_new(tx: Transaction, event: CarrierEvent) -> bool:
    """False when this word was stored before: it stays as it was."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(carrier_events).values(
        call_log_id=event.attempt_id,
        event_id=event.event_id,
        kind=event.kind,
        sid=event.sid,
        facts=dict(event.facts),
        received_at=event.received_at,
    )
    result = await tx.execute(statement.on_conflict_do_nothing())
    return result.rowcount == 1


async def mark_decided(tx: Transaction, attempt_id: UUID, event_id: str, now: datetime) -> None:
    await tx.execute(
        update(carrier_events)
        .where(carrier_events.c.call_log_id == attempt_id, carrier_events.c.event_id == event_id)
        .values(decided_at=now)
    )


async def of_attempt(tx: Transaction, attempt_id: UUID, kind: str) -> list[CarrierEvent]:
    query = (
        select(carrier_events)
        .where(carrier_events.c.call_log_id == attempt_id, carrier_events.c.kind == kind)
        .order_by(carrier_events.c.received_at)
    )
    return [_read(row) for row in await tx.execute(query)]


async def undecided(tx: Transaction, before: datetime, limit: int) -> list[CarrierEvent]:
    """Words that were stored but not decided on, oldest first."""
    query = (
        select(carrier_events)
        .where(carrier_events.c.decided_at.is_(None), carrier_events.c.received_at <= before)
        .order_by(carrier_events.c.received_at)
        .limit(limit)
    )
    return [_read(row) for row in await tx.execute(query)]


def _read(row: Any) -> CarrierEvent:
    return CarrierEvent(row.call_log_id, row.event_id, row.kind, row.sid, row.facts, row.received_at)
