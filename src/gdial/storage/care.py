"""Who takes care of somebody that a run did not reach, and who is done with them. It changes no outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.database import Transaction
from gdial.storage.tables import recipient_care


@dataclass(frozen=True, slots=True)
class Care:
    """`taken_by` and `handled_by` are names as they were then; None: nobody."""

    taken_by: str | None = None
    taken_at: datetime | None = None
    handled_by: str | None = None
    handled_at: datetime | None = None


async def get(tx: Transaction, recipient_id: UUID) -> Care:
    row = (await tx.execute(select(recipient_care).where(recipient_care.c.recipient_id == recipient_id))).one_or_none()
    return Care() if row is None else read_care(row)


def read_care(row: Any) -> Care:
    """From anything that has the columns as attributes."""
    return Care(**{name: getattr(row, name) for name in Care.__slots__})


async def take(tx: Transaction, recipient_id: UUID, who: str, now: datetime) -> bool:
    """False when somebody else has taken this person already."""
    await _begin(tx, recipient_id)
    care = recipient_care.c
    nobody_else = (care.recipient_id == recipient_id) & (care.taken_by.is_(None) | (care.taken_by == who))
    taken = await tx.execute(update(recipient_care).where(nobody_else).values(taken_by=who, taken_at=now))
    return taken.rowcount == 1


async def release(tx: Transaction, recipient_id: UUID) -> None:
    await _change(tx, recipient_id, taken_by=None, taken_at=None)


async def handle(tx: Transaction, recipient_id: UUID, who: str, now: datetime) -> None:
    await _change(tx, recipient_id, handled_by=who, handled_at=now)


async def reopen(tx: Transaction, recipient_id: UUID) -> None:
    await _change(tx, recipient_id, handled_by=None, handled_at=None)


async def _change(tx: Transaction, recipient_id: UUID, **values: Any) -> None:
    await _begin(tx, recipient_id)
    await tx.execute(update(recipient_care).where(recipient_care.c.recipient_id == recipient_id).values(**values))


async def _begin(tx: Transaction, recipient_id: UUID) -> None:
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    await tx.execute(insert(recipient_care).values(recipient_id=recipient_id).on_conflict_do_nothing())
