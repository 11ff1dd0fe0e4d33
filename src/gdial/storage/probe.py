"""Whether the database answers at all."""

from __future__ import annotations

from sqlalchemy import select

from gdial.storage.database import Database


async def ask(database: Database) -> None:
    """Raises DatabaseUnavailable."""
    async with database.reading() as tx:
        await tx.execute(select(1))
