"""Texts written for one occasion, kept as they were said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, true

from gdial.errors import NotFound
from gdial.messages.model import MessageContent, ResponseJson
from gdial.storage.database import Transaction
from gdial.storage.tables import custom_message_logs


@dataclass(frozen=True, slots=True)
class CustomMessage:
    """`contact_id`: the one person it was written for; None when it was for several, or the person is gone.
    `message_content` is "" once it is older than the retention allows."""

    id: UUID
    contact_id: UUID | None
    message_content: str
    message_type: str
    dtmf_responses: Mapping[str, ResponseJson]
    language: str
    created_at: datetime


async def insert(
    tx: Transaction, custom_id: UUID, content: MessageContent, now: datetime, contact_id: UUID | None = None
) -> None:
    await tx.execute(
        custom_message_logs.insert().values(
            id=custom_id,
            contact_id=contact_id,
            message_content=content.text,
            message_type="call",
            language=content.language,
            dtmf_responses=content.to_json()["responses"],
            created_at=now,
        )
    )


async def get(tx: Transaction, custom_id: UUID) -> CustomMessage:
    """Raises NotFound."""
    query = select(custom_message_logs).where(custom_message_logs.c.id == custom_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound("custom message", custom_id)
    return _read(row)


async def page(
    tx: Transaction, limit: int, offset: int, contact_id: UUID | None = None
) -> tuple[list[CustomMessage], int]:
    """Newest first, and how many there are in all; with `contact_id` those for this person."""
    chosen = custom_message_logs.c.contact_id == contact_id if contact_id is not None else true()
    total = (await tx.execute(select(func.count()).select_from(custom_message_logs).where(chosen))).scalar_one()
    query = (
        select(custom_message_logs)
        .where(chosen)
        .order_by(custom_message_logs.c.created_at.desc(), custom_message_logs.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_read(row) for row in await tx.execute(query)], total


def _read(row: Row[Any]) -> CustomMessage:
    return CustomMessage(**{name: getattr(row, name) for name in CustomMessage.__slots__})
