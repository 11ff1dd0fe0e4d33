"""The tables of what is heard. Part of `gdial.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table, Text, Uuid

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
