"""The tables of what is heard. Part of `gdial.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, Uuid, text

from gdial.storage.columns import UtcDateTime
from gdial.storage.metadata import metadata

audio_pieces = Table(
    "audio_pieces",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("format", String(10), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False, index=True),
)

# How an organisation wants a word said: its places, its people.
lexicon_entries = Table(
    "lexicon_entries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("language", String(20), nullable=False),
    Column("written", String(80), nullable=False),
    Column("match_key", String(160), nullable=False),
    Column("spoken", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("uq_lexicon_entries_language_match_key", "language", "match_key", unique=True),
)

# What people spoke themselves, as it is played: a µ-law WAV file of a few minutes at most.
recordings = Table(
    "recordings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(60), nullable=False),
    Column("match_key", String(120), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("language", String(20), nullable=False),
    Column("audio_name", String(64), nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("made_from", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# How far a run's people have been spoken for: up to this place in the order of dialling.
speech_leads = Table(
    "speech_leads",
    metadata,
    Column("call_run_id", ForeignKey("call_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("next_position", Integer, nullable=False),
)

# Texts that somebody asked to have spoken, and what came of it.
speech_jobs = Table(
    "speech_jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("text", Text, nullable=False),
    Column("language", String(20), nullable=False),
    Column("engine", String(40)),
    Column("voice", String(200)),
    Column("speed", Float, nullable=False),
    Column("pitch", Float, nullable=False),
    Column("format", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    # How often a worker has begun it.
    Column("tries", Integer, nullable=False),
    # When it is laid on the queue (again); none once it is over.
    Column("publish_at", UtcDateTime),
    Column("audio_name", String(64), index=True),
    Column("made_by", String(40)),
    Column("made_format", String(10)),
    Column("seconds", Float),
    Column("error", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("ended_at", UtcDateTime),
    Index(
        "ix_speech_jobs_publish_at",
        "publish_at",
        sqlite_where=text("publish_at IS NOT NULL"),
        postgresql_where=text("publish_at IS NOT NULL"),
    ),
)
