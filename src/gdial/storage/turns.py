"""Work that only one transaction may do at a time, in whatever process."""

from __future__ import annotations

from sqlalchemy import func, select

from gdial.storage.database import Transaction


async def take_turn(tx: Transaction, work: str) -> None:
    """Wait until no other transaction does this work; held until this one ends. SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        await tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"gdial.{work}"))))
