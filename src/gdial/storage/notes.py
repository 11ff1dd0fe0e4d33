"""What people write down about somebody in a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from gdial.storage.database import Transaction
from gdial.storage.tables import recipient_notes


@dataclass(frozen=True, slots=True)
class Note:
    """`author` is the name of who wrote it, as it was then."""

    id: UUID
    recipient_id: UUID
    author: str
    text: str
    written_at: datetime


async def insert(tx: Transaction, note: Note) -> None:
    values = {name: getattr(note, name) for name in Note.__slots__}
    await tx.execute(recipient_notes.insert().values(values))


async def of_recipient(tx: Transaction, recipient_id: UUID) -> list[Note]:
    """Oldest first."""
    query = select(recipient_notes).where(recipient_notes.c.recipient_id == recipient_id)
    rows = await tx.execute(query.order_by(recipient_notes.c.written_at, recipient_notes.c.id))
    return [Note(**row._mapping) for row in rows]
