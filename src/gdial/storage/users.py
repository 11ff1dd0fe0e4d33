"""Users: people who log in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update

from gdial.errors import NotFound
from gdial.storage.database import Transaction
from gdial.storage.roles import Role
from gdial.storage.tables import users


@dataclass(frozen=True, slots=True)
class User:
    """`name` is unique, in whatever letters it is written. `language`: "sv", "en", or "" for the browser's."""

    id: UUID
    name: str
    password_hash: str
    role: Role
    language: str
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None = None


async def insert(tx: Transaction, user: User) -> None:
    """Raises IntegrityError for a name that is taken."""
    await tx.execute(users.insert().values(id=user.id, created_at=user.created_at, **_columns(user)))


async def save(tx: Transaction, user: User) -> None:
    await tx.execute(update(users).where(users.c.id == user.id).values(_columns(user)))


async def get(tx: Transaction, user_id: UUID, *, lock: bool = False) -> User:
    """Raises NotFound. `lock` keeps others from changing it until the transaction ends."""
    query = select(users).where(users.c.id == user_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("user", user_id)
    return read_user(row)


async def find(tx: Transaction, name: str) -> User | None:
    row = (await tx.execute(select(users).where(users.c.match_key == match_key(name)))).one_or_none()
    return None if row is None else read_user(row)


async def page(tx: Transaction, limit: int, offset: int) -> tuple[list[User], int]:
    """By name, and how many there are in all."""
    total = (await tx.execute(select(func.count()).select_from(users))).scalar_one()
    rows = await tx.execute(select(users).order_by(users.c.match_key).limit(limit).offset(offset))
    return [read_user(row) for row in rows], total


async def count(tx: Transaction, role: Role | None = None) -> int:
    query = select(func.count()).select_from(users)
    if role is not None:
        query = query.where(users.c.role == role)
    return (await tx.execute(query)).scalar_one()


async def note_login(tx: Transaction, user_id: UUID, now: datetime) -> None:
    await tx.execute(update(users).where(users.c.id == user_id).values(last_login_at=now))


async def put_hash(tx: Transaction, user_id: UUID, before: str, after: str) -> None:
    """Keep a newer hash of the same password, unless the password was changed meanwhile."""
    own = (users.c.id == user_id) & (users.c.password_hash == before)
    await tx.execute(update(users).where(own).values(password_hash=after))


async def remove(tx: Transaction, user_id: UUID) -> None:
    """With all sessions and tokens. Raises NotFound."""
    if (await tx.execute(delete(users).where(users.c.id == user_id))).rowcount == 0:
        raise NotFound("user", user_id)


def match_key(name: str) -> str:
    return name.casefold()


def read_user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        name=row.name,
        password_hash=row.password_hash,
        role=Role(row.role),
        language=row.language,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_login_at=row.last_login_at,
    )


def _columns(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "match_key": match_key(user.name),
        "password_hash": user.password_hash,
        "role": user.role,
        "language": user.language,
        "updated_at": user.updated_at,
        "last_login_at": user.last_login_at,
    }
