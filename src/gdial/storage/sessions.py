"""Sessions: that somebody is logged in, known by the hash of a token that only the browser has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update

from gdial.storage.database import Transaction
from gdial.storage.tables import sessions, users
from gdial.storage.users import User, read_user


@dataclass(frozen=True, slots=True)
class Session:
    """`address` is masked."""

    token_hash: str
    user_id: UUID
    address: str
    created_at: datetime
    last_seen_at: datetime


async def insert(tx: Transaction, session: Session) -> None:
    values = {name: getattr(session, name) for name in Session.__slots__}
    await tx.execute(sessions.insert().values(values))


async def find(
    tx: Transaction, token_hash: str, *, created_after: datetime, seen_after: datetime
) -> tuple[User, datetime] | None:
    """Whose it is, as that user is now, and when it was last seen. None: there is none that is still good."""
    query = (
        select(users, sessions.c.last_seen_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.created_at > created_after,
            sessions.c.last_seen_at > seen_after,
        )
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else (read_user(row), row.last_seen_at)


async def touch(tx: Transaction, token_hash: str, now: datetime) -> None:
    await tx.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(last_seen_at=now))


async def count_of(tx: Transaction, user_id: UUID) -> int:
    return (
        await tx.execute(select(func.count()).select_from(sessions).where(sessions.c.user_id == user_id))
    ).scalar_one()


async def remove(tx: Transaction, token_hash: str) -> None:
    await tx.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


async def remove_all_of(tx: Transaction, user_id: UUID, *, but: str = "") -> int:
    """How many there were; `but` is the hash of one that stays."""
    own = (sessions.c.user_id == user_id) & (sessions.c.token_hash != but)
    return (await tx.execute(delete(sessions).where(own))).rowcount


async def forget_old(tx: Transaction, *, created_before: datetime, seen_before: datetime) -> None:
    await tx.execute(
        delete(sessions).where(or_(sessions.c.created_at <= created_before, sessions.c.last_seen_at <= seen_before))
    )
