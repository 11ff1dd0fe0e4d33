"""The table of what people write down about somebody in a run. Part of `gdial.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text, Uuid

from gdial.storage.columns import UtcDateTime
from gdial.storage.metadata import metadata

recipient_notes = Table(
    "recipient_notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("recipient_id", ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("author", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
)
