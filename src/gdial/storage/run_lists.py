"""Pages of a run's recipients and calls, for the API, the board and the report."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    String,
    Text,
    and_,
    cast,
    column,
    exists,
    false,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from gdial.dialing.states import Outcome
from gdial.storage.batches import one_of
from gdial.storage.database import Transaction
from gdial.storage.searching import digits_searched
from gdial.storage.sqlite import LOWER_FUNCTION
from gdial.storage.tables import call_logs, group_members, groups, recipients

REPORT_CHUNK = 200
LOWER = {"sqlite": LOWER_FUNCTION, "postgresql": "lower"}


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
    """`search` is a part of a name in any case, or of a phone number in any spelling; the others are exact; None asks
    for nothing."""

    search: str | None = None
    state: str | None = None
    outcome: str | None = None
    answer: str | None = None


async def page_of_recipients(
    tx: Transaction, run_id: UUID, wanted: RecipientFilter, limit: int, offset: int
) -> tuple[list[RecipientRow], int]:
    """In the order of dialling, and how many match in all."""
    chosen = _matching(tx, run_id, wanted)
    total = (await tx.execute(select(func.count()).select_from(recipients).where(*chosen))).scalar_one()
    query = select(recipients).where(*chosen).order_by(recipients.c.position, recipients.c.id)
    rows = await tx.execute(query.limit(limit).offset(offset))
    return [_recipient(row) for row in rows], total


async def every_recipient(tx: Transaction, run_id: UUID) -> AsyncIterator[list[RecipientRow]]:
    """All of a run in the order of dialling, a portion at a time."""
    last = -1
    while True:
        query = (
            select(recipients)
            .where(recipients.c.run_id == run_id, recipients.c.position > last)
            .order_by(recipients.c.position)
            .limit(REPORT_CHUNK)
        )
        rows = (await tx.execute(query)).all()
        if rows:
            last = rows[-1].position
            yield [_recipient(row) for row in rows]
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


async def calls_that_reached(tx: Transaction, recipient_ids: Sequence[UUID]) -> dict[UUID, CallRow]:
    """By recipient, the call in which each person was reached: the one with the answer, else the first answered.

    At most a batch of ids (`batches.IDS_IN_ONE_STATEMENT`).
    """
    query = (
        select(call_logs, (recipients.c.answer_attempt_id == call_logs.c.id).label("has_answer"))
        .join(recipients, recipients.c.id == call_logs.c.recipient_id)
        .where(one_of(tx, call_logs.c.recipient_id, recipient_ids))
        .where(call_logs.c.answered, recipients.c.outcome == Outcome.REACHED)
        .order_by(call_logs.c.claimed_at.desc())
    )
    reached: dict[UUID, CallRow] = {}
    for row in sorted(await tx.execute(query), key=lambda row: bool(row.has_answer)):
        reached[row.recipient_id] = _call(row)
    return reached


async def group_names(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The names of the groups that each of these contacts is in now; at most a batch of ids."""
    names: dict[UUID, list[str]] = {}
    named = select(group_members.c.contact_id, groups.c.name).join(groups, groups.c.id == group_members.c.group_id)
    chosen = named.where(one_of(tx, group_members.c.contact_id, contact_ids)).order_by(groups.c.name)
    for contact_id, name in await tx.execute(chosen):
        names.setdefault(contact_id, []).append(name)
    return names


def _matching(tx: Transaction, run_id: UUID, wanted: RecipientFilter) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [recipients.c.run_id == run_id]
    term = " ".join((wanted.search or "").split())
    if term:
        chosen.append(or_(_name_contains(tx, term), _a_number_contains(tx, term)))
    for name in ("state", "outcome", "answer"):
        value = getattr(wanted, name)
        if value is not None:
            chosen.append(recipients.c[name] == value)
    return chosen


def _name_contains(tx: Transaction, term: str) -> ColumnElement[bool]:
    name: ColumnElement[str] = getattr(func, LOWER[tx.dialect.name])(recipients.c.name, type_=String)
    return name.contains(term.lower(), autoescape=True)


def _a_number_contains(tx: Transaction, term: str) -> ColumnElement[bool]:
    """Only the numbers themselves are looked in: beside them stand ids of ours, with digits and letters."""
    digits = digits_searched(term)
    if digits is None:
        return false()
    if tx.dialect.name == "sqlite":
        entry = func.json_each(recipients.c.numbers).table_valued("value", name="entry")
        number = func.json_extract(entry.c.value, "$.number")
    else:
        entry = func.jsonb_array_elements(recipients.c.numbers).table_valued(column("value", JSONB), name="entry")
        number = entry.c.value["number"].astext
    exactly = exists(select(1).select_from(entry).where(type_coerce(number, String).contains(digits, autoescape=True)))
    # Most rows are passed over by their bare text, which costs a tenth of taking the list apart.
    return and_(cast(recipients.c.numbers, Text).contains(digits, autoescape=True), exactly)


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
