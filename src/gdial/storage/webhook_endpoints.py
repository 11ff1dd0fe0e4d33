"""Webhook endpoints: addresses of other programs that are told of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from gdial.errors import NotFound
from gdial.storage.database import Transaction
from gdial.storage.tables import webhook_endpoints


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`events` are the names of those it is told; one that is not active is told nothing."""

    id: UUID
    url: str
    secret: str
    events: Sequence[str]
    is_active: bool
    created_at: datetime


async def insert(tx: Transaction, endpoint: Endpoint) -> None:
    await tx.execute(webhook_endpoints.insert().values(id=endpoint.id, **_columns(endpoint)))


async def save(tx: Transaction, endpoint: Endpoint) -> None:
    await tx.execute(
        update(webhook_endpoints).where(webhook_endpoints.c.id == endpoint.id).values(**_columns(endpoint))
    )


async def get(tx: Transaction, endpoint_id: UUID, *, lock: bool = False) -> Endpoint:
    """Raises NotFound. `lock` keeps others from changing it until the transaction ends."""
    query = select(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("webhook endpoint", endpoint_id)
    return _read(row)


async def page(tx: Transaction, limit: int, offset: int) -> tuple[list[Endpoint], int]:
    """Oldest first, and how many there are in all."""
    query = select(webhook_endpoints).order_by(webhook_endpoints.c.created_at, webhook_endpoints.c.id)
    rows = await tx.execute(query.limit(limit).offset(offset))
    return [_read(row) for row in rows], await count(tx)


async def count(tx: Transaction) -> int:
    return (await tx.execute(select(func.count()).select_from(webhook_endpoints))).scalar_one()


async def told_of(tx: Transaction, event: str) -> list[UUID]:
    """The active endpoints that are told of this event."""
    return [row.id for row in await tx.execute(ACTIVE) if event in row.events]


async def remove(tx: Transaction, endpoint_id: UUID) -> None:
    """With all its deliveries. Raises NotFound."""
    if (await tx.execute(delete(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id))).rowcount == 0:
        raise NotFound("webhook endpoint", endpoint_id)


ACTIVE = select(webhook_endpoints.c.id, webhook_endpoints.c.events).where(webhook_endpoints.c.is_active)
"""Made once: it runs with every answer of every person."""


def _columns(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "url": endpoint.url,
        "secret": endpoint.secret,
        "events": list(endpoint.events),
        "is_active": endpoint.is_active,
        "created_at": endpoint.created_at,
    }


def _read(row: Any) -> Endpoint:
    return Endpoint(row.id, row.url, row.secret, tuple(row.events), row.is_active, row.created_at)
