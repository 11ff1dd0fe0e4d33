"""People who come into a run after it was made. Whoever adds them holds the lock of the run."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from gdial.storage.batches import in_batches, one_of
from gdial.storage.database import Transaction
from gdial.storage.tables import recipients


async def already_in(tx: Transaction, run_id: UUID, contact_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these contacts who are recipients of the run."""
    found: set[UUID] = set()
    for batch in in_batches(contact_ids):
        query = select(recipients.c.contact_id).where(
            recipients.c.run_id == run_id, one_of(tx, recipients.c.contact_id, batch)
        )
        found.update((await tx.execute(query)).scalars())
    return found


async def next_position(tx: Transaction, run_id: UUID) -> int:
    """The place after the last one of the run."""
    query = select(func.max(recipients.c.position)).where(recipients.c.run_id == run_id)
    last = (await tx.execute(query)).scalar_one()
    return 0 if last is None else int(last) + 1
