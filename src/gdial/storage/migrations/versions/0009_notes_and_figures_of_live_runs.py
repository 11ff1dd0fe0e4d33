"""Notes on people of a run, and an index from which a run's figures are read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recipient_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["recipients.id"],
            name=op.f("fk_recipient_notes_recipient_id_recipients"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_notes")),
    )
    with op.batch_alter_table("recipient_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipient_notes_recipient_id"), ["recipient_id"], unique=False)
    op.create_index(
        "ix_recipients_figures", "recipients", ["run_id", "state", "outcome", "answer", "ended_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_recipients_figures", table_name="recipients")
    with op.batch_alter_table("recipient_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipient_notes_recipient_id"))
    op.drop_table("recipient_notes")
