"""Attempts, which are the call logs: one number dialled once."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gdial.dialing.ledger import Placing, Settlement
from gdial.dialing.model import Attempt
from gdial.dialing.states import AttemptState, CallStatus, RunMode
from gdial.storage import recipients
from gdial.storage.database import Transaction
from gdial.storage.operations import updating
from gdial.storage.recipients import StoredRecipient
from gdial.storage.tables import call_logs, call_runs
from gdial.storage.tables import recipients as recipient_rows


@dataclass(frozen=True, slots=True)
class StoredAttempt:
    """An attempt with what is around it; `facts` is what the core decides on."""

    recipient_id: UUID
    run_id: UUID
    contact_id: UUID | None
    mode: RunMode
    number: str
    from_number: str
    claimed_at: datetime
    lists_read: int
    facts: Attempt


@dataclass(frozen=True, slots=True)
class PlacingMarks:
    """For the ledger: what came of the create, and how an unknown one was settled; None says nothing new."""

    placing: Placing | None
    settlement: Settlement | None


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """`ask_at`: when the reconciler looks, should nobody have heard of the call by then."""

    facts: Attempt
    recipient_id: UUID
    run_id: UUID
    contact_id: UUID | None
    phone_number_id: UUID | None
    mode: RunMode
    number: str
    from_number: str
    message_id: UUID | None
    custom_message_log_id: UUID | None
    claimed_at: datetime
    ask_at: datetime


async def insert_if_free(tx: Transaction, new: NewAttempt) -> bool:
    """Claim the number and the person. False, and nothing stored, when an open attempt has either."""
    values = {
        "id": new.facts.id,
        "call_run_id": new.run_id,
        "recipient_id": new.recipient_id,
        "contact_id": new.contact_id,
        "phone_number_id": new.phone_number_id,
        "mode": new.mode,
        "number": new.number,
        "number_index": new.facts.number_index,
        "from_number": new.from_number,
        "message_id": new.message_id,
        "custom_message_log_id": new.custom_message_log_id,
        "claimed_at": new.claimed_at,
        "ask_at": new.ask_at,
        "lists_read": 0,
        **_columns(new.facts),
    }
    return (await tx.execute(INSERT_IF_FREE[tx.dialect.name], values)).rowcount == 1


async def get(tx: Transaction, attempt_id: UUID) -> StoredAttempt | None:
    """Lock its recipient first (`recipients.get`) when it is to be changed."""
    row = (await tx.execute(GET_ONE, {"attempt_id": attempt_id})).one_or_none()
    return None if row is None else read_attempt(row)


async def load_locked(tx: Transaction, attempt_id: UUID) -> tuple[StoredRecipient, StoredAttempt] | None:
    """An attempt and its recipient, both standing still until the transaction ends."""
    if tx.dialect.name == "postgresql":
        await tx.execute(LOCK_ITS_RECIPIENT, {"attempt_id": attempt_id})
    row = (await tx.execute(LOAD_ONE_WITH_RECIPIENT, {"attempt_id": attempt_id})).one_or_none()
    return None if row is None else read_with_recipient(row)


def read_with_recipient(row: Sequence[Any]) -> tuple[StoredRecipient, StoredAttempt]:
    """A row of `LOAD_WITH_RECIPIENT`."""
    columns = len(call_logs.c)
    return recipients.read_with_run(row[columns:]), read_attempt(AttemptColumns(*row[:columns]))


async def save(
    tx: Transaction, before: Attempt, after: Attempt, ask_at: datetime | None, marks: PlacingMarks | None = None
) -> None:
    """Store what was decided, and when the reconciler looks next (None for a closed one)."""
    values: dict[str, Any] = {"ask_at": ask_at}
    if after != before:
        values |= _columns(after)
    if marks is not None and marks.placing is not None:
        values["first_placing"] = marks.placing
    if marks is not None and marks.settlement is not None:
        values["settled_by"] = marks.settlement
    changing = UPDATING_WITH_PLACING if "first_placing" in values else UPDATING
    await tx.run(changing, {"attempt_id": after.id, **values})


async def ask_later(tx: Transaction, attempt_id: UUID, ask_at: datetime, lists_read: int) -> None:
    await tx.execute(update(call_logs).where(call_logs.c.id == attempt_id).values(ask_at=ask_at, lists_read=lists_read))


async def count_open(tx: Transaction, mode: RunMode) -> int:
    query = select(func.count()).where(call_logs.c.state != AttemptState.CLOSED, call_logs.c.mode == mode)
    return (await tx.execute(query)).scalar_one()


async def count_unknown(tx: Transaction) -> int:
    """Attempts that only the carrier knows about, of both modes."""
    # The first half of the condition is the partial index's own.
    is_open = call_logs.c.state != AttemptState.CLOSED
    query = select(func.count()).where(is_open, call_logs.c.state == AttemptState.UNKNOWN)
    return (await tx.execute(query)).scalar_one()


async def sids_of_others(tx: Transaction, sids: list[str], attempt_id: UUID) -> set[str]:
    """Those of these calls that belong to other attempts."""
    query = select(call_logs.c.call_sid).where(call_logs.c.call_sid.in_(sids), call_logs.c.id != attempt_id)
    return set((await tx.execute(query)).scalars())


GET_ONE = select(call_logs).where(call_logs.c.id == bindparam("attempt_id"))
UPDATE_ONE = update(call_logs).where(call_logs.c.id == bindparam("attempt_id"))
UPDATING = updating(UPDATE_ONE)
UPDATING_WITH_PLACING = updating(
    UPDATE_ONE.values(placed_as=func.coalesce(call_logs.c.placed_as, bindparam("first_placing", type_=String)))
)
LOAD_WITH_RECIPIENT = (
    select(*call_logs.c, *recipient_rows.c, *call_runs.c)
    .join(recipient_rows, recipient_rows.c.id == call_logs.c.recipient_id)
    .join(call_runs, call_runs.c.id == recipient_rows.c.run_id)
)
LOAD_ONE_WITH_RECIPIENT = LOAD_WITH_RECIPIENT.where(call_logs.c.id == bindparam("attempt_id"))
LOCK_ITS_RECIPIENT = (
    select(recipient_rows.c.id)
    .where(
        recipient_rows.c.id
        == select(call_logs.c.recipient_id).where(call_logs.c.id == bindparam("attempt_id")).scalar_subquery()
    )
    .with_for_update()
)
INSERT_IF_FREE = {
    "sqlite": sqlite.insert(call_logs).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(call_logs).on_conflict_do_nothing(),
}
"""Made once: building a statement costs more than running it."""

AttemptColumns = namedtuple("AttemptColumns", [column.name for column in call_logs.c])  # type: ignore[misc]


def read_attempt(row: Any) -> StoredAttempt:
    """From anything that has the columns of an attempt as attributes."""
    return StoredAttempt(
        recipient_id=row.recipient_id,
        run_id=row.call_run_id,
        contact_id=row.contact_id,
        mode=RunMode(row.mode),
        number=row.number,
        from_number=row.from_number,
        claimed_at=row.claimed_at,
        lists_read=row.lists_read,
        facts=Attempt(
            id=row.id,
            number_index=row.number_index,
            state=AttemptState(row.state),
            status=CallStatus(row.status) if row.status else None,
            sid=row.call_sid,
            answered_at=row.answered_at,
            ended_at=row.ended_at,
            digits=row.digits,
            answer_step=row.answer_step,
            error_code=row.error_code,
            error=row.error,
        ),
    )


def _columns(facts: Attempt) -> dict[str, Any]:
    return {
        "state": facts.state,
        "status": facts.status,
        "call_sid": facts.sid,
        "answered": facts.answered_at is not None,
        "answered_at": facts.answered_at,
        "ended_at": facts.ended_at,
        "digits": facts.digits,
        "answer_step": facts.answer_step,
        "error_code": facts.error_code,
        "error": facts.error,
    }
