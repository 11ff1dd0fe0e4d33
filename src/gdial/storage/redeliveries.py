"""How often a message came again, by a hash of its body: one that ends its worker each time is laid aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.database import Transaction
from gdial.storage.tables import redeliveries


async def times(tx: Transaction, body_hash: str) -> int:
    """How often it was counted until now."""
    query = select(redeliveries.c.times).where(redeliveries.c.body_hash == body_hash)
    return (await tx.execute(query)).scalar_one_or_none() or 0


async def count(tx: Transaction, body_hash: str, now: datetime) -> int:
    """Once more; how often in all."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(redeliveries).values(body_hash=body_hash, times=1, last_at=now)
    again = {"times": redeliveries.c.times + 1, "last_at": statement.excluded.last_at}
    await tx.execute(statement.on_conflict_do_update(index_elements=[redeliveries.c.body_hash], set_=again))
    return await times(tx, body_hash)


async def forget(tx: Transaction, body_hash: str) -> None:
    await tx.execute(delete(redeliveries).where(redeliveries.c.body_hash == body_hash))


async def forget_old(tx: Transaction, before: datetime) -> None:
    """Those that last came again before this moment."""
    await tx.execute(delete(redeliveries).where(redeliveries.c.last_at < before))
