"""Speech made beforehand"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "speech_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("engine", sa.String(length=40), nullable=True),
        sa.Column("voice", sa.String(length=200), nullable=True),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.Column("pitch", sa.Float(), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("audio_name", sa.String(length=64), nullable=True),
        sa.Column("made_by", sa.String(length=40), nullable=True),
        sa.Column("made_format", sa.String(length=10), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speech_jobs")),
    )
    with op.batch_alter_table("speech_jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_speech_jobs_audio_name"), ["audio_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_speech_jobs_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            "ix_speech_jobs_publish_at",
            ["publish_at"],
            unique=False,
            sqlite_where=sa.text("publish_at IS NOT NULL"),
            postgresql_where=sa.text("publish_at IS NOT NULL"),
        )

    op.create_table(
        "speech_leads",
        sa.Column("call_run_id", sa.Uuid(), nullable=False),
        sa.Column("next_position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_run_id"], ["call_runs.id"], name=op.f("fk_speech_leads_call_run_id_call_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_run_id", name=op.f("pk_speech_leads")),
    )


def downgrade() -> None:
    op.drop_table("speech_leads")
    with op.batch_alter_table("speech_jobs", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_speech_jobs_publish_at",
            sqlite_where=sa.text("publish_at IS NOT NULL"),
            postgresql_where=sa.text("publish_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_speech_jobs_created_at"))
        batch_op.drop_index(batch_op.f("ix_speech_jobs_audio_name"))

    op.drop_table("speech_jobs")
