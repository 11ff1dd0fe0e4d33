"""How many people of a run are reached over time, counted from the index `ix_recipients_figures` alone."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, cast, func, select

from gdial.dialing.states import Outcome, RecipientState
from gdial.storage.database import Transaction
from gdial.storage.tables import recipients


async def reached_by_time(tx: Transaction, run_id: UUID, step_seconds: int) -> list[tuple[datetime, int]]:
    """How many were reached within each step, by the step's beginning; steps without anybody are left out."""
    step = _seconds(tx) // step_seconds
    query = (
        select(step.label("step"), func.count())
        .where(
            recipients.c.run_id == run_id,
            recipients.c.state == RecipientState.ENDED,
            recipients.c.outcome == Outcome.REACHED,
            recipients.c.ended_at.is_not(None),
        )
        .group_by(step)
        .order_by(step)
    )
    rows = await tx.execute(query)
    return [(datetime.fromtimestamp(int(at) * step_seconds, UTC), number) for at, number in rows]


def _seconds(tx: Transaction) -> ColumnElement[int]:
    """Since 1970."""
    if tx.dialect.name == "sqlite":
        return cast(func.strftime("%s", recipients.c.ended_at), Integer)
    return cast(func.floor(func.extract("epoch", recipients.c.ended_at)), Integer)
