"""What processes tell of their voices"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workers", sa.Column("speech_away_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("workers", sa.Column("speech_away_why", sa.String(length=500), nullable=True))
    op.add_column("workers", sa.Column("is_mute", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    for name in ("is_mute", "speech_away_why", "speech_away_since"):
        op.drop_column("workers", name)
