"""The tables of who may come in, and of who did what. Part of `gdial.storage.tables`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from gdial.storage.columns import UtcDateTime
from gdial.storage.metadata import metadata

users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(100), nullable=False),
    # The name as it is compared: in small letters.
    Column("match_key", String(200), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("language", String(20), nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("last_login_at", UtcDateTime),
)

# Of a token only its SHA-256 is kept: who reads the database cannot come in with it.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("address", String(60), nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False, index=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    # Whose own it is; null: a program's.
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("created_by", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
)

# Links for the first administrator.
admin_links = Table(
    "admin_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

# How often a log-in failed, by a hash of the name or of the address.
login_waits = Table(
    "login_waits",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("free_at", UtcDateTime, nullable=False),
)

# Bears no foreign key: it tells of what is no longer there.
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_kind", String(20), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("user_id", Uuid),
    Column("deed", String(60), nullable=False),
    Column("object_kind", String(40), nullable=False, server_default=""),
    Column("object_id", String(80), nullable=False, server_default=""),
    Column("object_name", String(200), nullable=False, server_default=""),
    Column("detail", String(200), nullable=False, server_default=""),
    Column("address", String(60), nullable=False, server_default=""),
    Index("ix_audit_log_at", "at", "id"),
    Index("ix_audit_log_object_id", "object_id"),
)
