"""A lexicon, and recordings of one's own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lexicon_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("written", sa.String(length=80), nullable=False),
        sa.Column("match_key", sa.String(length=160), nullable=False),
        sa.Column("spoken", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_entries")),
    )
    with op.batch_alter_table("lexicon_entries", schema=None) as batch_op:
        batch_op.create_index("uq_lexicon_entries_language_match_key", ["language", "match_key"], unique=True)

    op.create_table(
        "recordings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("match_key", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("audio_name", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("made_from", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("audio_name", name=op.f("uq_recordings_audio_name")),
        sa.UniqueConstraint("match_key", name=op.f("uq_recordings_match_key")),
    )


def downgrade() -> None:
    op.drop_table("recordings")
    with op.batch_alter_table("lexicon_entries", schema=None) as batch_op:
        batch_op.drop_index("uq_lexicon_entries_language_match_key")

    op.drop_table("lexicon_entries")
