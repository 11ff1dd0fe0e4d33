"""Every table. Ids are minted by the actions; all times are UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from gdial.storage.access_tables import admin_links as admin_links
from gdial.storage.access_tables import api_tokens as api_tokens
from gdial.storage.access_tables import audit_log as audit_log
from gdial.storage.access_tables import login_waits as login_waits
from gdial.storage.access_tables import sessions as sessions
from gdial.storage.access_tables import users as users
from gdial.storage.care_tables import recipient_care as recipient_care
from gdial.storage.columns import Json, UtcDateTime
from gdial.storage.ledger_tables import ledger_amendments as ledger_amendments
from gdial.storage.ledger_tables import run_ledgers as run_ledgers
from gdial.storage.metadata import metadata as metadata
from gdial.storage.note_tables import recipient_notes as recipient_notes
from gdial.storage.speech_tables import audio_pieces as audio_pieces
from gdial.storage.speech_tables import lexicon_entries as lexicon_entries
from gdial.storage.speech_tables import recordings as recordings
from gdial.storage.speech_tables import speech_jobs as speech_jobs
from gdial.storage.speech_tables import speech_leads as speech_leads


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


installation = Table(
    "installation",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("external_id", String(200)),
    Column("match_key", String(300), nullable=False),
    Column("name", String(200), nullable=False),
    Column("language", String(20)),
    Column("notes", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("uq_contacts_external_id", "external_id", unique=True, **_where("external_id IS NOT NULL")),
    Index("ix_contacts_match_key", "match_key"),
    Index("ix_contacts_name", "name"),
)

phone_numbers = Table(
    "phone_numbers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", String(20), nullable=False, index=True),
    Column("label", String(80), nullable=False, server_default=""),
    Column("priority", Integer, nullable=False),
    Column("bad_since", UtcDateTime),
    Column("bad_code", String(40), nullable=False, server_default=""),
)

groups = Table(
    "groups",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, index=True),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(20), nullable=False),
    Column("responses", Json, nullable=False),
    # The same message in other languages, by language: {"en": {"text": …, "responses": {…}}}.
    Column("translations", Json, nullable=False, server_default="{}"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

custom_message_logs = Table(
    "custom_message_logs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="SET NULL")),
    Column("message_content", Text, nullable=False),
    Column("message_type", String(20), nullable=False, server_default="call"),
    Column("language", String(20), nullable=False),
    Column("dtmf_responses", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

call_runs = Table(
    "call_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("mode", String(10), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("priority", Integer, nullable=False),
    Column("policy", Json, nullable=False),
    # What is said is frozen as the run starts: a message changed later changes no run.
    Column("message_id", ForeignKey("messages.id", ondelete="SET NULL")),
    Column("custom_message_log_id", ForeignKey("custom_message_logs.id", ondelete="SET NULL")),
    Column("text", Text, nullable=False),
    Column("language", String(20), nullable=False),
    Column("responses", Json, nullable=False),
    Column("translations", Json, nullable=False, server_default="{}"),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("scheduled_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("deadline_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("paused_because", Text, nullable=False, server_default=""),
    Column("hangs_up", Boolean, nullable=False, server_default=text("false")),
    # Whose wish it is: the brakes on calls and runs hold back programs, never an operator.
    Column("started_by", String(20), nullable=False, server_default="program"),
)

recipients = Table(
    "recipients",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("run_id", ForeignKey("call_runs.id", ondelete="CASCADE"), nullable=False),
    Column("contact_id", ForeignKey("contacts.id", ondelete="SET NULL"), index=True),
    Column("name", String(200), nullable=False),
    # The language this person is spoken to in; null is the run's own.
    Column("language", String(20)),
    Column("fields", Json, nullable=False),
    Column("numbers", Json, nullable=False),
    Column("state", String(20), nullable=False),
    Column("outcome", String(20)),
    Column("reason", String(60)),
    Column("answer", String(10)),
    Column("answer_attempt_id", Uuid),
    Column("answer_step", Integer),
    Column("round", Integer, nullable=False),
    Column("number_index", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("fed_until", UtcDateTime),
    Column("feeds", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("open_attempt_id", Uuid),
    Column("position", Integer, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("ix_recipients_run_id_position", "run_id", "position"),
    Index("ix_recipients_due", "run_id", "turn", "due_at", "position", **_where("state = 'waiting'")),
    Index("ix_recipients_open", "run_id", **_where("state <> 'ended'")),
    # All that a live run's figures are counted from: read without the rows themselves.
    Index("ix_recipients_figures", "run_id", "state", "outcome", "answer", "ended_at"),
    Index("ix_recipients_fed", "fed_until", **_where("fed_until IS NOT NULL")),
)

call_logs = Table(
    "call_logs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("call_run_id", ForeignKey("call_runs.id", ondelete="CASCADE"), nullable=False),
    Column("recipient_id", ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="SET NULL")),
    Column("phone_number_id", Uuid),
    Column("mode", String(10), nullable=False),
    Column("number", String(20), nullable=False),
    Column("number_index", Integer, nullable=False),
    Column("from_number", String(20), nullable=False),
    Column("message_id", Uuid),
    Column("custom_message_log_id", Uuid),
    Column("state", String(20), nullable=False),
    Column("status", String(20)),
    Column("call_sid", String(64)),
    Column("answered", Boolean, nullable=False),
    Column("digits", String(32)),
    Column("answer_step", Integer),
    Column("error_code", String(40), nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    # When the reconciler looks at it next, and how often the carrier's list has been read for it.
    Column("ask_at", UtcDateTime),
    Column("lists_read", Integer, nullable=False, server_default="0"),
    # For the ledger: what came of the create, and how an unknown one was settled.
    Column("placed_as", String(20)),
    Column("settled_by", String(20)),
    Index("uq_call_logs_open_number", "mode", "number", unique=True, **_where("state <> 'closed'")),
    Index(
        "uq_call_logs_open_contact",
        "mode",
        "contact_id",
        unique=True,
        **_where("state <> 'closed' AND contact_id IS NOT NULL"),
    ),
    Index("uq_call_logs_call_sid", "call_sid", unique=True, **_where("call_sid IS NOT NULL")),
    Index("ix_call_logs_call_run_id_claimed_at", "call_run_id", "claimed_at"),
    Index("ix_call_logs_ask_at", "ask_at", **_where("state <> 'closed'")),
    Index("ix_call_logs_number_claimed_at", "number", "claimed_at"),
)

carrier_events = Table(
    "carrier_events",
    metadata,
    Column("call_log_id", ForeignKey("call_logs.id", ondelete="CASCADE"), primary_key=True),
    # The carrier's own name for this word, or the step for a key: a second delivery finds it taken.
    Column("event_id", String(120), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("sid", String(64), nullable=False),
    Column("facts", Json, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Index("ix_carrier_events_undecided", "received_at", **_where("decided_at IS NULL")),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("call_run_id", ForeignKey("call_runs.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

system_settings = Table(
    "system_settings",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("value", Json, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

setting_changes = Table(
    "setting_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", String(80), nullable=False, index=True),
    Column("old_value", Json),
    Column("new_value", Json),
    Column("changed_at", UtcDateTime, nullable=False, index=True),
    Column("changed_by", String(80), nullable=False),
)

inbound_calls = Table(
    "inbound_calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("call_sid", String(64), nullable=False, unique=True),
    Column("mode", String(10), nullable=False),
    Column("number", String(20), nullable=False, index=True),
    Column("call_run_id", ForeignKey("call_runs.id", ondelete="SET NULL")),
    Column("recipient_id", ForeignKey("recipients.id", ondelete="SET NULL"), index=True),
    Column("attempt_id", ForeignKey("call_logs.id", ondelete="SET NULL")),
    Column("digits", String(32)),
    Column("received_at", UtcDateTime, nullable=False, index=True),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("secret", String(200), nullable=False),
    Column("events", Json, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("call_run_id", ForeignKey("call_runs.id", ondelete="CASCADE"), nullable=False, index=True),
    # Order within a run at one endpoint: an event waits until the one before it is delivered or given up.
    Column("sequence", Integer, nullable=False),
    Column("event", String(40), nullable=False),
    Column("payload", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Column("delivered_at", UtcDateTime),
    Column("given_up_at", UtcDateTime),
    Column("last_error", Text, nullable=False, server_default=""),
    Index("uq_webhook_deliveries_order", "endpoint_id", "call_run_id", "sequence", unique=True),
    Index("ix_webhook_deliveries_due", "next_at", **_where("next_at IS NOT NULL")),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("host", String(255), nullable=False),
    Column("process_id", Integer, nullable=False),
    # Where Prometheus finds its figures: host and port, none where it has no door.
    Column("metrics_address", String(300)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
    Column("jobs_done", Integer, nullable=False),
    Column("jobs_failed", Integer, nullable=False),
    Column("busy_seconds", Float, nullable=False),
    # Since when its voices do not give the sound they should, and why; none while they do.
    Column("speech_away_since", UtcDateTime),
    Column("speech_away_why", String(500)),
    # Whether none of them gives any.
    Column("is_mute", Boolean, nullable=False, server_default=text("false")),
)

# When the next call may start (gate "slot") and leave (gate "departure"), by the database's clock.
pace_gates = Table(
    "pace_gates",
    metadata,
    Column("mode", String(10), primary_key=True),
    Column("gate", String(20), primary_key=True),
    Column("next_at", UtcDateTime, nullable=False),
    # To which share of the pace the carrier's refusals slowed it, and when; none when they never did.
    Column("slowed_to", Float),
    Column("slowed_at", UtcDateTime),
)

# Processes to which a carrier does not answer; of no meaning once it was not seen for a while.
carrier_outages = Table(
    "carrier_outages",
    metadata,
    Column("process_id", Uuid, primary_key=True),
    Column("mode", String(10), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("why", Text, nullable=False),
)

# A line held by a worker between its slot and its claim; of no meaning once it has lapsed.
line_leases = Table(
    "line_leases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("mode", String(10), nullable=False),
    Column("lapses_at", UtcDateTime, nullable=False, index=True),
)

# Jobs of other programs that were taken up, so that a second delivery changes nothing.
taken_jobs = Table(
    "taken_jobs",
    metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("call_run_id", ForeignKey("call_runs.id", ondelete="SET NULL")),
    Column("taken_at", UtcDateTime, nullable=False, index=True),
)

# How often a message came again, by a hash of its body: one that ends its worker each time is laid aside.
redeliveries = Table(
    "redeliveries",
    metadata,
    Column("body_hash", String(64), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)
