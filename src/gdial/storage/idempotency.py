"""Keys under which a request was made before: a repeated click finds the run it made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from gdial.storage.database import Transaction
from gdial.storage.tables import idempotency_keys


@dataclass(frozen=True, slots=True)
class KnownKey:
    body_hash: str
    run_id: UUID


async def find(tx: Transaction, key: str, since: datetime) -> KnownKey | None:
    """A key first used before `since` is not known any more."""
    query = select(idempotency_keys).where(idempotency_keys.c.key == key, idempotency_keys.c.created_at >= since)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else KnownKey(row.body_hash, row.call_run_id)


async def forget(tx: Transaction, before: datetime) -> None:
    """Take out the keys first used before this moment."""
    await tx.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at < before))


async def insert(tx: Transaction, key: str, known: KnownKey, now: datetime) -> None:
    """Raises IntegrityError when somebody else has used the key since it was looked for, or it was not forgotten."""
    await tx.execute(
        idempotency_keys.insert().values(key=key, body_hash=known.body_hash, call_run_id=known.run_id, created_at=now)
    )
