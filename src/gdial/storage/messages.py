"""Messages: saved texts with their responses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update

from gdial.errors import NotFound
from gdial.messages.model import MessageContent, read_message
from gdial.messages.translations import Translations, read_translations, translations_to_json
from gdial.storage.database import Transaction
from gdial.storage.tables import messages


@dataclass(frozen=True, slots=True)
class Message:
    """`name` is for the operator; what is said is the `content`, or for who speaks another language one of the
    `translations`."""

    id: UUID
    name: str
    content: MessageContent
    created_at: datetime
    updated_at: datetime
    translations: Translations = field(default_factory=dict)


async def insert(tx: Transaction, message: Message) -> None:
    await tx.execute(messages.insert().values(id=message.id, created_at=message.created_at, **_columns(message)))


async def save(tx: Transaction, message: Message) -> None:
    """What it says from now on; runs made before keep what they were made with. Raises NotFound."""
    changed = await tx.execute(update(messages).where(messages.c.id == message.id).values(_columns(message)))
    if changed.rowcount == 0:
        raise NotFound("message", message.id)


async def get(tx: Transaction, message_id: UUID, *, lock: bool = False) -> Message:
    """Raises NotFound. `lock` keeps others from changing it until the transaction ends."""
    query = select(messages).where(messages.c.id == message_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("message", message_id)
    return _read(row)


async def page(tx: Transaction, limit: int, offset: int) -> tuple[list[Message], int]:
    """By name, and how many there are in all."""
    total = (await tx.execute(select(func.count()).select_from(messages))).scalar_one()
    query = select(messages).order_by(func.lower(messages.c.name), messages.c.id).limit(limit).offset(offset)
    return [_read(row) for row in await tx.execute(query)], total


async def remove(tx: Transaction, message_id: UUID) -> None:
    """Runs made with it go on. Raises NotFound."""
    if (await tx.execute(delete(messages).where(messages.c.id == message_id))).rowcount == 0:
        raise NotFound("message", message_id)


def _columns(message: Message) -> dict[str, Any]:
    return {
        "name": message.name,
        **message.content.to_json(),
        "translations": translations_to_json(message.translations),
        "updated_at": message.updated_at,
    }


def _read(row: Row[Any]) -> Message:
    content = read_message({"text": row.text, "language": row.language, "responses": row.responses})
    translations = read_translations(row.translations, content)
    return Message(row.id, row.name, content, row.created_at, row.updated_at, translations)
