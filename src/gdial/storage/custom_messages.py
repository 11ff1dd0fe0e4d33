"""Texts written for one occasion, kept as they were said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gdial.messages.model import MessageContent
from gdial.storage.database import Transaction
from gdial.storage.tables import custom_message_logs


async def insert(tx: Transaction, custom_id: UUID, content: MessageContent, now: datetime) -> None:
    await tx.execute(
        custom_message_logs.insert().values(
            id=custom_id,
            message_content=content.text,
            message_type="call",
            language=content.language,
            dtmf_responses=content.to_json()["responses"],
            created_at=now,
        )
    )
