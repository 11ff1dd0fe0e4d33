"""Recipients: where a run is with each person."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, bindparam, select, update

from gdial.dialing.model import NumberToRing, Recipient
from gdial.dialing.states import Outcome, Reason, RecipientState, RunState
from gdial.storage import runs
from gdial.storage.database import Transaction
from gdial.storage.driver_rows import DriverRows, driver_rows
from gdial.storage.operations import updating
from gdial.storage.runs import Run
from gdial.storage.tables import call_runs, recipients

COLUMN_NAMES = tuple(column.name for column in recipients.c)


@dataclass(frozen=True, slots=True)
class StoredRecipient:
    """A recipient with its run; `facts` is what the core decides on. `language` None is the run's own."""

    id: UUID
    contact_id: UUID | None
    name: str
    fields: Mapping[str, str]
    run: Run
    facts: Recipient
    language: str | None = None


@dataclass(frozen=True, slots=True)
class NewRecipient:
    id: UUID
    contact_id: UUID | None
    name: str
    fields: Mapping[str, str]
    facts: Recipient
    language: str | None = None


async def insert_many(tx: Transaction, run_id: UUID, people: Sequence[NewRecipient], now: datetime) -> None:
    """In the order given, which is the order of dialling."""
    await tx.insert_rows(new_rows(tx.dialect, run_id, people, now))


def new_rows(
    dialect: Dialect, run_id: UUID, people: Sequence[NewRecipient], now: datetime, first_position: int = 0
) -> DriverRows:
    """Made without a transaction. Inserting them raises IntegrityError when one of the contacts is gone."""
    rows = [_new_row(run_id, position, person, now) for position, person in enumerate(people, start=first_position)]
    return driver_rows(dialect, recipients.insert(), rows)


def _new_row(run_id: UUID, position: int, person: NewRecipient, now: datetime) -> tuple[Any, ...]:
    values = {
        "id": person.id,
        "run_id": run_id,
        "contact_id": person.contact_id,
        "name": person.name,
        "language": person.language,
        "fields": dict(person.fields),
        "position": position,
        "fed_until": None,
        **_columns(person.facts),
        "ended_at": now if person.facts.outcome else None,
    }
    return tuple([values[name] for name in COLUMN_NAMES])


async def get(tx: Transaction, recipient_id: UUID, *, lock: bool = False) -> StoredRecipient | None:
    """With `lock`, everything about this person in this run stands still until the transaction ends."""
    if lock and tx.dialect.name == "postgresql":
        # First the lock, then the look: a statement that had to wait sees the run as it was before.
        await tx.execute(LOCK_ONE, {"recipient_id": recipient_id})
    row = (await tx.execute(GET_ONE, {"recipient_id": recipient_id})).one_or_none()
    return None if row is None else read_with_run(row)


async def ended_at(tx: Transaction, recipient_id: UUID) -> datetime | None:
    """When it ended for this person; None while it has not."""
    query = select(recipients.c.ended_at).where(recipients.c.id == recipient_id)
    return (await tx.execute(query)).scalar_one_or_none()


async def save(tx: Transaction, before: StoredRecipient, after: Recipient, now: datetime) -> None:
    """Store what was decided; nothing is written when nothing changed."""
    if after == before.facts:
        return
    values = _columns(after)
    newly_ended = after.outcome is not None and before.facts.outcome is None
    if newly_ended:
        values["ended_at"] = now
    values["fed_until"] = None
    await tx.run(UPDATING, {"recipient_id": before.id, **values})


async def waiting_of(tx: Transaction, run_id: UUID, limit: int) -> list[StoredRecipient]:
    """Some of those who wait in this run, locked; those that somebody else holds are left out."""
    query = (
        WITH_RUN.where(recipients.c.run_id == run_id, recipients.c.state == RecipientState.WAITING)
        .limit(limit)
        .with_for_update(of=recipients, skip_locked=True)
    )
    return [read_with_run(row) for row in await tx.execute(query)]


async def with_open_attempt(tx: Transaction, run_id: UUID) -> list[UUID]:
    query = select(recipients.c.id).where(recipients.c.run_id == run_id, recipients.c.open_attempt_id.is_not(None))
    return list((await tx.execute(query)).scalars())


async def schedule_all(tx: Transaction, run_id: UUID, due_at: datetime) -> None:
    """Everybody who waits in this run is due at this moment."""
    await tx.execute(
        update(recipients)
        .where(recipients.c.run_id == run_id, recipients.c.state == RecipientState.WAITING)
        .values(due_at=due_at)
    )


WITH_RUN = select(*recipients.c, *call_runs.c).join(call_runs, call_runs.c.id == recipients.c.run_id)
GET_ONE = WITH_RUN.where(recipients.c.id == bindparam("recipient_id"))
LOCK_ONE = select(recipients.c.id).where(recipients.c.id == bindparam("recipient_id")).with_for_update()
UPDATING = updating(update(recipients).where(recipients.c.id == bindparam("recipient_id")))
"""Made once: building a statement costs more than running it."""

RecipientColumns = namedtuple("RecipientColumns", [column.name for column in recipients.c])  # type: ignore[misc]


def read_with_run(row: Sequence[Any]) -> StoredRecipient:
    """A row that begins with the columns of a recipient and of its run."""
    own: Any = RecipientColumns(*row[: len(recipients.c)])
    run = runs.read_run(runs.RunColumns(*row[len(recipients.c) : len(recipients.c) + len(call_runs.c)]))
    return StoredRecipient(
        id=own.id,
        contact_id=own.contact_id,
        name=own.name,
        fields=own.fields,
        run=run,
        facts=_facts(own, run),
        language=own.language,
    )


def _facts(row: Any, run: Run) -> Recipient:
    return Recipient(
        numbers=read_numbers(row.numbers),
        run_state=run.state,
        run_hangs_up=run.state is RunState.STOPPED and run.hangs_up,
        deadline_at=run.deadline_at,
        state=RecipientState(row.state),
        outcome=Outcome(row.outcome) if row.outcome else None,
        reason=Reason(row.reason) if row.reason else None,
        answer=row.answer,
        answer_attempt_id=row.answer_attempt_id,
        answer_step=row.answer_step,
        round=row.round,
        number_index=row.number_index,
        due_at=row.due_at,
        feeds=row.feeds,
        attempts=row.attempts,
        refusals=row.refusals,
        open_attempt_id=row.open_attempt_id,
    )


def _columns(facts: Recipient) -> dict[str, Any]:
    return {
        "numbers": write_numbers(facts.numbers),
        "state": facts.state,
        "outcome": facts.outcome,
        "reason": facts.reason,
        "answer": facts.answer,
        "answer_attempt_id": facts.answer_attempt_id,
        "answer_step": facts.answer_step,
        "round": facts.round,
        "number_index": facts.number_index,
        "turn": facts.turn,
        "due_at": facts.due_at,
        "feeds": facts.feeds,
        "attempts": facts.attempts,
        "refusals": facts.refusals,
        "open_attempt_id": facts.open_attempt_id,
    }


def read_numbers(stored: Iterable[Mapping[str, Any]]) -> tuple[NumberToRing, ...]:
    return tuple(
        NumberToRing(
            number=entry["number"],
            phone_number_id=UUID(entry["id"]) if entry.get("id") else None,
            is_bad=bool(entry.get("bad")),
        )
        for entry in stored
    )


def write_numbers(numbers: Iterable[NumberToRing]) -> list[dict[str, Any]]:
    return [
        {
            "number": entry.number,
            **({"id": str(entry.phone_number_id)} if entry.phone_number_id else {}),
            **({"bad": True} if entry.is_bad else {}),
        }
        for entry in numbers
    ]
