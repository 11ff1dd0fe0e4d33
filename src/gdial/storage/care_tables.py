"""The table of who takes care of somebody that a run did not reach. Part of `gdial.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from gdial.storage.columns import UtcDateTime
from gdial.storage.metadata import metadata

recipient_care = Table(
    "recipient_care",
    metadata,
    Column("recipient_id", ForeignKey("recipients.id", ondelete="CASCADE"), primary_key=True),
    Column("taken_by", String(100)),
    Column("taken_at", UtcDateTime),
    Column("handled_by", String(100)),
    Column("handled_at", UtcDateTime),
)
