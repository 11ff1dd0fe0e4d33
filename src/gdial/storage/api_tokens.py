"""API tokens, known by their hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, or_, select, update

from gdial.errors import NotFound
from gdial.storage.database import Transaction
from gdial.storage.roles import Role
from gdial.storage.tables import api_tokens, users


@dataclass(frozen=True, slots=True)
class ApiToken:
    """`user_id` and `user_name`: whose own it is; None and "": a program's. `expires_at` None: never."""

    id: UUID
    name: str
    token_hash: str
    role: Role
    user_id: UUID | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None
    user_name: str = ""
    user_role: Role | None = None


async def insert(tx: Transaction, token: ApiToken) -> None:
    names = set(ApiToken.__slots__) - {"user_name", "user_role"}
    await tx.execute(api_tokens.insert().values({name: getattr(token, name) for name in names}))


async def find(tx: Transaction, token_hash: str, now: datetime) -> ApiToken | None:
    """None: there is none that is still good."""
    lasts = or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now)
    row = (await tx.execute(_query().where(api_tokens.c.token_hash == token_hash, lasts))).one_or_none()
    return None if row is None else _read(row)


async def get(tx: Transaction, token_id: UUID) -> ApiToken:
    """Raises NotFound."""
    row = (await tx.execute(_query().where(api_tokens.c.id == token_id))).one_or_none()
    if row is None:
        raise NotFound("token", token_id)
    return _read(row)


async def page(tx: Transaction, limit: int, offset: int, *, user_id: UUID | None = None) -> tuple[list[ApiToken], int]:
    """Newest first, and how many there are in all; those of one user where `user_id` is given."""
    query, counted = _query(), select(func.count()).select_from(api_tokens)
    if user_id is not None:
        query, counted = query.where(api_tokens.c.user_id == user_id), counted.where(api_tokens.c.user_id == user_id)
    total = (await tx.execute(counted)).scalar_one()
    ordered = query.order_by(api_tokens.c.created_at.desc(), api_tokens.c.id).limit(limit).offset(offset)
    return [_read(row) for row in await tx.execute(ordered)], total


async def note_use(tx: Transaction, token_id: UUID, now: datetime) -> None:
    await tx.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=now))


async def remove(tx: Transaction, token_id: UUID) -> None:
    """Raises NotFound."""
    if (await tx.execute(delete(api_tokens).where(api_tokens.c.id == token_id))).rowcount == 0:
        raise NotFound("token", token_id)


def _query() -> Select[Any]:
    columns = select(api_tokens, users.c.name.label("user_name"), users.c.role.label("user_role"))
    return columns.select_from(api_tokens.outerjoin(users, users.c.id == api_tokens.c.user_id))


def _read(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        token_hash=row.token_hash,
        role=Role(row.role),
        user_id=row.user_id,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        user_name=row.user_name or "",
        user_role=Role(row.user_role) if row.user_role else None,
    )
