"""Ledgers of runs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PLACINGS_OF_OLD = """
UPDATE call_logs SET placed_as = CASE
    WHEN call_sid IS NOT NULL THEN 'accepted'
    WHEN error = 'never rang' THEN 'unknown'
    WHEN state = 'unknown' THEN 'unknown'
    ELSE 'put_off'
END,
settled_by = CASE WHEN call_sid IS NULL AND error = 'never rang' THEN 'never_rang' END
WHERE state <> 'claimed'
"""
"""What can still be told of calls made before this was noted; which kind of refusal it was cannot."""


def upgrade() -> None:
    op.add_column("call_logs", sa.Column("placed_as", sa.String(length=20), nullable=True))
    op.add_column("call_logs", sa.Column("settled_by", sa.String(length=20), nullable=True))
    op.execute(PLACINGS_OF_OLD)
    op.create_table(
        "run_ledgers",
        sa.Column("call_run_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("faults", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_run_id"], ["call_runs.id"], name=op.f("fk_run_ledgers_call_run_id_call_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_run_id", name=op.f("pk_run_ledgers")),
    )
    op.create_table(
        "ledger_amendments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_run_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("call_log_id", sa.Uuid(), nullable=True),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome_before", sa.String(length=20), nullable=False),
        sa.Column("reason_before", sa.String(length=60), nullable=False),
        sa.Column("outcome_after", sa.String(length=20), nullable=False),
        sa.Column("reason_after", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_run_id"],
            ["call_runs.id"],
            name=op.f("fk_ledger_amendments_call_run_id_call_runs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["recipients.id"],
            name=op.f("fk_ledger_amendments_recipient_id_recipients"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_amendments")),
    )
    with op.batch_alter_table("ledger_amendments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_amendments_call_run_id"), ["call_run_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("ledger_amendments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_amendments_call_run_id"))

    op.drop_table("ledger_amendments")
    op.drop_table("run_ledgers")
    op.drop_column("call_logs", "settled_by")
    op.drop_column("call_logs", "placed_as")
