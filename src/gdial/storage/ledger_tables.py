"""The tables of what is written when a run ends. Part of `gdial.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Uuid

from gdial.storage.columns import Json, UtcDateTime
from gdial.storage.metadata import metadata

run_ledgers = Table(
    "run_ledgers",
    metadata,
    Column("call_run_id", ForeignKey("call_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("written_at", UtcDateTime, nullable=False),
    Column("figures", Json, nullable=False),
    # What did not add up, in sentences; empty where it balanced.
    Column("faults", Json, nullable=False),
)

# What words after the end made of outcomes: the ledger itself is never written anew.
ledger_amendments = Table(
    "ledger_amendments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("call_run_id", ForeignKey("call_runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("recipient_id", ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False),
    Column("call_log_id", Uuid),
    Column("amended_at", UtcDateTime, nullable=False),
    Column("outcome_before", String(20), nullable=False),
    Column("reason_before", String(60), nullable=False),
    Column("outcome_after", String(20), nullable=False),
    Column("reason_after", String(60), nullable=False),
)
