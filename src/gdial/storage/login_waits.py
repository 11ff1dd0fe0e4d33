"""How often a log-in failed, and how long the next one waits: in the database, for all web processes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.database import Transaction
from gdial.storage.tables import login_waits
from gdial.storage.turns import take_turn


@dataclass(frozen=True, slots=True)
class LoginWait:
    """Nobody tries again before `free_at`."""

    key: str
    failures: int
    last_at: datetime
    free_at: datetime


async def load(tx: Transaction, keys: Sequence[str]) -> dict[str, LoginWait]:
    """Under a lock until the transaction ends; a key that is not there has not failed."""
    for key in sorted(keys):
        await take_turn(tx, key)
    query = select(login_waits).where(login_waits.c.key.in_(keys))
    return {row.key: LoginWait(row.key, row.failures, row.last_at, row.free_at) for row in await tx.execute(query)}


async def put(tx: Transaction, wait: LoginWait) -> None:
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    values = {name: getattr(wait, name) for name in LoginWait.__slots__}
    statement = insert(login_waits).values(values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[login_waits.c.key], set_={name: values[name] for name in ("failures", "last_at", "free_at")}
        )
    )


async def remove(tx: Transaction, key: str) -> None:
    await tx.execute(delete(login_waits).where(login_waits.c.key == key))


async def forget_old(tx: Transaction, before: datetime) -> None:
    await tx.execute(delete(login_waits).where(login_waits.c.last_at < before))
