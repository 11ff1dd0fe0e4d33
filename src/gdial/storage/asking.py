"""When the reconciler looks at attempts, moved for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from gdial.dialing.states import AttemptState
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs

AT_ONCE = 500


async def ask_now(tx: Transaction, attempt_ids: Sequence[UUID], now: datetime) -> None:
    """Those of them that the carrier holds are due to be asked about."""
    for first in range(0, len(attempt_ids), AT_ONCE):
        await tx.execute(
            update(call_logs)
            .where(
                call_logs.c.id.in_(attempt_ids[first : first + AT_ONCE]),
                call_logs.c.state == AttemptState.PLACED,
                call_logs.c.ask_at > now,
            )
            .values(ask_at=now)
        )
