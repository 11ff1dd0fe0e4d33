"""What this installation keeps about itself, by key."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.database import Transaction
from gdial.storage.tables import installation

MINTED_ONCE = "secret"
SECRET_BYTES = 32


async def get_or_create_secret(tx: Transaction) -> bytes:
    """The 32 random bytes that tokens and audio names are made with; minted by whoever asks first.

    Several processes may ask at once: all are given the same ones.
    """
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    minted = insert(installation).values(key=MINTED_ONCE, value=secrets.token_hex(SECRET_BYTES))
    await tx.execute(minted.on_conflict_do_nothing())
    query = select(installation.c.value).where(installation.c.key == MINTED_ONCE)
    return bytes.fromhex((await tx.execute(query)).scalar_one())


async def get(tx: Transaction, key: str) -> str | None:
    return (await tx.execute(select(installation.c.value).where(installation.c.key == key))).scalar_one_or_none()


async def put(tx: Transaction, key: str, value: str) -> None:
    """Keys have at most 80 characters."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(installation).values(key=key, value=value)
    changed = {"value": statement.excluded.value}
    await tx.execute(statement.on_conflict_do_update(index_elements=[installation.c.key], set_=changed))
