"""Pages of a run's recipients and calls, for the API, the board and the report."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, String, cast, func, or_, select

from gdial.dialing.states import Outcome
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs, recipients

REPORT_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class RecipientRow:
    id: UUID
    contact_id: UUID | None
    name: str
    fields: Mapping[str, str]
    numbers: tuple[str, ...]
    state: str
    outcome: str | None
    reason: str | None
    answer: str | None
    answer_attempt_id: UUID | None
    attempts: int
    next_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallRow:
    id: UUID
    recipient_id: UUID
    contact_id: UUID | None
    phone_number_id: UUID | None
    number: str
    call_sid: str | None
    state: str
    status: str | None
    answered: bool
    digits: str | None
    message_id: UUID | None
    custom_message_log_id: UUID | None
    call_run_id: UUID
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class RecipientFilter:
    """`search` is part of a name or a number; the others are exact; None asks for nothing."""

    search: str | None = None
    state: str | None = None
    outcome: str | None = None
    answer: str | None = None


async def page_of_recipients(
    tx: Transaction, run_id: UUID, wanted: RecipientFilter, limit: int, offset: int
) -> tuple[list[RecipientRow], int]:
    """In the order of dialling, and how many match in all."""
    chosen = _matching(run_id, wanted)
    total = (await tx.execute(select(func.count()).select_from(recipients).where(*chosen))).scalar_one()
    query = select(recipients).where(*chosen).order_by(recipients.c.position, recipients.c.id)
    rows = await tx.execute(query.limit(limit).offset(offset))
    return [_recipient(row) for row in rows], total


async def every_recipient(tx: Transaction, run_id: UUID) -> AsyncIterator[RecipientRow]:
    """All of a run, a chunk at a time."""
    last = -1
    while True:
        query = (
            select(recipients)
            .where(recipients.c.run_id == run_id, recipients.c.position > last)
            .order_by(recipients.c.position)
            .limit(REPORT_CHUNK)
        )
        rows = (await tx.execute(query)).all()
        for row in rows:
            last = row.position
            yield _recipient(row)
        if len(rows) < REPORT_CHUNK:
            return


async def page_of_calls(
    tx: Transaction, run_id: UUID, recipient_id: UUID | None, limit: int, offset: int
) -> tuple[list[CallRow], int]:
    """Oldest first, and how many there are in all."""
    chosen: list[ColumnElement[bool]] = [call_logs.c.call_run_id == run_id]
    if recipient_id is not None:
        chosen.append(call_logs.c.recipient_id == recipient_id)
    total = (await tx.execute(select(func.count()).select_from(call_logs).where(*chosen))).scalar_one()
    query = select(call_logs).where(*chosen).order_by(call_logs.c.claimed_at, call_logs.c.id)
    rows = await tx.execute(query.limit(limit).offset(offset))
    return [_call(row) for row in rows], total


async def calls_that_reached(tx: Transaction, run_id: UUID) -> dict[UUID, CallRow]:
    """By recipient, the call in which each person was reached: the one with the answer, else the first answered."""
    query = (
        select(call_logs, (recipients.c.answer_attempt_id == call_logs.c.id).label("has_answer"))
        .join(recipients, recipients.c.id == call_logs.c.recipient_id)
        .where(call_logs.c.call_run_id == run_id, call_logs.c.answered, recipients.c.outcome == Outcome.REACHED)
        .order_by(call_logs.c.claimed_at.desc())
    )
    reached: dict[UUID, CallRow] = {}
    for row in sorted(await tx.execute(query), key=lambda row: bool(row.has_answer)):
        reached[row.recipient_id] = _call(row)
    return reached


def _matching(run_id: UUID, wanted: RecipientFilter) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [recipients.c.run_id == run_id]
    if wanted.search:
        pattern = f"%{_escape(wanted.search)}%"
        chosen.append(
            or_(
                recipients.c.name.ilike(pattern, escape="\\"),
                cast(recipients.c.numbers, String).like(pattern, escape="\\"),
            )
        )
    for column in ("state", "outcome", "answer"):
        value = getattr(wanted, column)
        if value is not None:
            chosen.append(recipients.c[column] == value)
    return chosen


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _recipient(row: Row[Any]) -> RecipientRow:
    return RecipientRow(
        id=row.id,
        contact_id=row.contact_id,
        name=row.name,
        fields=row.fields,
        numbers=tuple(entry["number"] for entry in row.numbers),
        state=row.state,
        outcome=row.outcome,
        reason=row.reason,
        answer=row.answer,
        answer_attempt_id=row.answer_attempt_id,
        attempts=row.attempts,
        next_at=row.due_at,
        ended_at=row.ended_at,
    )


def _call(row: Row[Any]) -> CallRow:
    return CallRow(
        **{name: getattr(row, name) for name in CallRow.__slots__ if name not in ("started_at",)},
        started_at=row.claimed_at,
    )
