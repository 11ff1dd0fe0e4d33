"""Workers on several machines"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audio_pieces",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audio_pieces")),
    )
    with op.batch_alter_table("audio_pieces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audio_pieces_used_at"), ["used_at"], unique=False)

    op.create_table(
        "line_leases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_leases")),
    )
    with op.batch_alter_table("line_leases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_line_leases_lapses_at"), ["lapses_at"], unique=False)

    op.create_table(
        "pace_gates",
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("gate", sa.String(length=20), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mode", "gate", name=op.f("pk_pace_gates")),
    )
    op.create_table(
        "redeliveries",
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("body_hash", name=op.f("pk_redeliveries")),
    )
    with op.batch_alter_table("redeliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_redeliveries_last_at"), ["last_at"], unique=False)

    op.create_table(
        "workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("metrics_address", sa.String(length=300), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jobs_done", sa.Integer(), nullable=False),
        sa.Column("jobs_failed", sa.Integer(), nullable=False),
        sa.Column("busy_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    with op.batch_alter_table("workers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workers_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "taken_jobs",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("call_run_id", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_run_id"], ["call_runs.id"], name=op.f("fk_taken_jobs_call_run_id_call_runs"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_taken_jobs")),
    )
    with op.batch_alter_table("taken_jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_taken_jobs_taken_at"), ["taken_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("taken_jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_taken_jobs_taken_at"))

    op.drop_table("taken_jobs")
    with op.batch_alter_table("workers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workers_seen_at"))

    op.drop_table("workers")
    with op.batch_alter_table("redeliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_redeliveries_last_at"))

    op.drop_table("redeliveries")
    op.drop_table("pace_gates")
    with op.batch_alter_table("line_leases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_line_leases_lapses_at"))

    op.drop_table("line_leases")
    with op.batch_alter_table("audio_pieces", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audio_pieces_used_at"))

    op.drop_table("audio_pieces")
