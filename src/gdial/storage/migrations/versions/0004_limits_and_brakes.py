"""Limits of the carrier, and brakes of our own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carrier_outages",
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("process_id", "mode", name=op.f("pk_carrier_outages")),
    )
    op.add_column("pace_gates", sa.Column("slowed_to", sa.Float(), nullable=True))
    op.add_column("pace_gates", sa.Column("slowed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("call_runs", sa.Column("started_by", sa.String(length=20), server_default="program", nullable=False))
    op.create_index("ix_call_logs_number_claimed_at", "call_logs", ["number", "claimed_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_call_logs_number_claimed_at", table_name="call_logs")
    op.drop_column("call_runs", "started_by")
    op.drop_column("pace_gates", "slowed_at")
    op.drop_column("pace_gates", "slowed_to")
    op.drop_table("carrier_outages")
