"""What carriers told us, stored before anything is decided on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from gdial.storage.database import Transaction
from gdial.storage.operations import inserting_if_new
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


async def insert_if_new(tx: Transaction, event: CarrierEvent, decided_at: datetime | None) -> bool:
    """False when this word was stored before: it stays as it was. `decided_at` None leaves it for later."""
    values = {
        "call_log_id": event.attempt_id,
        "event_id": event.event_id,
        "kind": event.kind,
        "sid": event.sid,
        "facts": dict(event.facts),
        "received_at": event.received_at,
        "decided_at": decided_at,
    }
    return await tx.run(INSERTING, values)


async def mark_decided(tx: Transaction, attempt_id: UUID, event_id: str, now: datetime) -> bool:
    """False when it was decided on before."""
    result = await tx.execute(
        update(carrier_events)
        .where(
            carrier_events.c.call_log_id == attempt_id,
            carrier_events.c.event_id == event_id,
            carrier_events.c.decided_at.is_(None),
        )
        .values(decided_at=now)
    )
    return result.rowcount == 1


async def of_attempt(tx: Transaction, attempt_id: UUID, kind: str) -> list[CarrierEvent]:
    rows = await tx.execute(OF_ATTEMPT, {"attempt_id": attempt_id, "of_kind": kind})
    return [_read(row) for row in rows]


async def undecided(tx: Transaction, before: datetime, limit: int) -> list[CarrierEvent]:
    """Words that were stored but not decided on, oldest first."""
    query = (
        select(carrier_events)
        .where(carrier_events.c.decided_at.is_(None), carrier_events.c.received_at <= before)
        .order_by(carrier_events.c.received_at)
        .limit(limit)
    )
    return [_read(row) for row in await tx.execute(query)]


OF_ATTEMPT = (
    select(carrier_events)
    .where(
        carrier_events.c.call_log_id == bindparam("attempt_id"),
        carrier_events.c.kind == bindparam("of_kind"),
    )
    .order_by(carrier_events.c.received_at)
)
INSERTING = inserting_if_new(carrier_events, key=("call_log_id", "event_id"))
"""Made once: building a statement costs more than running it."""


def _read(row: Any) -> CarrierEvent:
    return CarrierEvent(row.call_log_id, row.event_id, row.kind, row.sid, row.facts, row.received_at)
