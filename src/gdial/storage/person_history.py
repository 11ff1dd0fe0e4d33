"""All that was stored of one person in one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gdial.storage.database import Transaction
from gdial.storage.notes import Note, of_recipient
from gdial.storage.tables import call_logs, carrier_events, inbound_calls


@dataclass(frozen=True, slots=True)
class CallTold:
    """One number dialled once. `placed_as` is what came of asking the carrier; None while that is not known."""

    id: UUID
    number: str
    number_index: int
    state: str
    status: str | None
    placed_as: str | None
    digits: str | None
    error: str
    claimed_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class WordHeard:
    """What the carrier told of a call; `kind` is "status" or "key"."""

    call_id: UUID
    kind: str
    facts: Mapping[str, Any]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RangUs:
    digits: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """Each oldest first."""

    calls: tuple[CallTold, ...]
    words: tuple[WordHeard, ...]
    rang_us: tuple[RangUs, ...]
    notes: tuple[Note, ...]


async def load(tx: Transaction, recipient_id: UUID) -> PersonHistory:
    """Empty for somebody who is not known."""
    own = select(call_logs).where(call_logs.c.recipient_id == recipient_id)
    calls = [
        CallTold(**{name: getattr(row, name) for name in CallTold.__slots__})
        for row in await tx.execute(own.order_by(call_logs.c.claimed_at, call_logs.c.id))
    ]
    said = (
        select(carrier_events)
        .join(call_logs, call_logs.c.id == carrier_events.c.call_log_id)
        .where(call_logs.c.recipient_id == recipient_id)
        .order_by(carrier_events.c.received_at, carrier_events.c.event_id)
    )
    words = [WordHeard(row.call_log_id, row.kind, row.facts, row.received_at) for row in await tx.execute(said)]
    rang = select(inbound_calls).where(inbound_calls.c.recipient_id == recipient_id)
    rang_us = [
        RangUs(row.digits, row.received_at) for row in await tx.execute(rang.order_by(inbound_calls.c.received_at))
    ]
    return PersonHistory(tuple(calls), tuple(words), tuple(rang_us), tuple(await of_recipient(tx, recipient_id)))
