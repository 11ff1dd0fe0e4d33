"""Links for the first administrator, known by their hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from gdial.storage.database import Transaction
from gdial.storage.tables import admin_links


async def put(tx: Transaction, token_hash: str, expires_at: datetime) -> None:
    """In place of all made before."""
    await tx.execute(delete(admin_links))
    await tx.execute(admin_links.insert().values(token_hash=token_hash, expires_at=expires_at))


async def is_good(tx: Transaction, token_hash: str, now: datetime) -> bool:
    query = select(admin_links.c.token_hash).where(
        admin_links.c.token_hash == token_hash, admin_links.c.expires_at > now
    )
    return (await tx.execute(query)).first() is not None


async def use(tx: Transaction, token_hash: str, now: datetime) -> bool:
    """Whether it was good until now; of two at the same moment only one is told so."""
    own = (admin_links.c.token_hash == token_hash) & (admin_links.c.expires_at > now)
    return (await tx.execute(delete(admin_links).where(own))).rowcount == 1
