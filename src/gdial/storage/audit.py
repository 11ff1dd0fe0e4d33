"""The audit log: who did what, to what, when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, or_, select

from gdial.storage.database import Transaction
from gdial.storage.tables import audit_log

PORTION = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """`deed` is a word of `gdial.actions.deeds`; `address` is masked."""

    id: UUID
    at: datetime
    actor_kind: str
    actor: str
    user_id: UUID | None
    deed: str
    object_kind: str
    object_id: str
    object_name: str
    detail: str
    address: str


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """`search` is a part of the actor's or the object's name, or the object's whole id."""

    search: str = ""
    deed: str = ""
    object_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


async def insert(tx: Transaction, entry: Entry) -> None:
    await tx.execute(audit_log.insert().values({name: getattr(entry, name) for name in Entry.__slots__}))


async def page(tx: Transaction, wanted: EntryFilter, limit: int, offset: int) -> tuple[list[Entry], int]:
    """Newest first, and how many there are in all."""
    query = _filtered(wanted)
    total = (await tx.execute(select(func.count()).select_from(query.subquery()))).scalar_one()
    return [_read(row) for row in await tx.execute(_newest_first(query).limit(limit).offset(offset))], total


async def every(tx: Transaction, wanted: EntryFilter) -> AsyncIterator[Entry]:
    """Newest first, without holding up other work."""
    async for portion in tx.portions(_newest_first(_filtered(wanted)), PORTION):
        for row in portion:
            yield _read(row)


async def forget_old(tx: Transaction, before: datetime) -> int:
    return (await tx.execute(delete(audit_log).where(audit_log.c.at < before))).rowcount


def _filtered(wanted: EntryFilter) -> Select[Any]:
    query = select(audit_log)
    if wanted.search:
        names = (audit_log.c.actor, audit_log.c.object_name)
        found = [column.icontains(wanted.search, autoescape=True) for column in names]
        query = query.where(or_(*found, audit_log.c.object_id == wanted.search))
    if wanted.deed:
        query = query.where(audit_log.c.deed == wanted.deed)
    if wanted.object_id:
        query = query.where(audit_log.c.object_id == wanted.object_id)
    if wanted.since is not None:
        query = query.where(audit_log.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit_log.c.at < wanted.until)
    return query


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(audit_log.c.at.desc(), audit_log.c.id)


def _read(row: Row[Any]) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__slots__})
