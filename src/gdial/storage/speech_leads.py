"""How far the people of a run have been spoken for. A lead that is lost costs nothing: the pieces are there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gdial.dialing.states import RecipientState
from gdial.storage.batches import one_of
from gdial.storage.database import Transaction
from gdial.storage.tables import recipients, speech_leads


@dataclass(frozen=True, slots=True)
class Lead:
    """Places in the order of dialling. `next_position`: nobody has been spoken for from here on; None before the first
    look. `front`: who is rung next for the first time, None when nobody is. `last`: of the run, -1 without people."""

    next_position: int | None
    front: int | None
    last: int


@dataclass(frozen=True, slots=True)
class PersonAhead:
    """`waits` for the first call; who does not any more needs nothing beforehand."""

    id: UUID
    position: int
    language: str | None
    fields: Mapping[str, str]
    waits: bool


PEOPLE = select(*(recipients.c[name] for name in ("id", "position", "language", "fields", "state", "turn"))).order_by(
    recipients.c.position
)


async def look(tx: Transaction, run_id: UUID) -> Lead:
    own = recipients.c
    front = (
        select(own.position)
        .where(own.run_id == run_id, own.state == RecipientState.WAITING, own.turn == 0)
        .order_by(own.turn, own.due_at, own.position)
        .limit(1)
        .scalar_subquery()
    )
    last = select(func.max(own.position)).where(own.run_id == run_id).scalar_subquery()
    lead = select(speech_leads.c.next_position).where(speech_leads.c.call_run_id == run_id).scalar_subquery()
    row = (await tx.execute(select(lead, front, last))).one()
    return Lead(row[0], row[1], -1 if row[2] is None else row[2])


async def begin(tx: Transaction, run_id: UUID) -> bool:
    """False when somebody has begun it before."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(speech_leads).values(call_run_id=run_id, next_position=0).on_conflict_do_nothing()
    return (await tx.execute(statement)).rowcount == 1


async def take(tx: Transaction, run_id: UUID) -> int | None:
    """The lead of this run, locked until the transaction ends; None while somebody else has it."""
    query = select(speech_leads.c.next_position).where(speech_leads.c.call_run_id == run_id)
    return (await tx.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()


async def people(tx: Transaction, run_id: UUID, first: int, end: int) -> Sequence[PersonAhead]:
    """Those in the places from `first` up to but not with `end`, in their order."""
    in_place = (recipients.c.position >= first) & (recipients.c.position < end)
    return await _read(tx, PEOPLE.where(recipients.c.run_id == run_id, in_place))


async def named(tx: Transaction, run_id: UUID, recipient_ids: Sequence[UUID]) -> Sequence[PersonAhead]:
    """Those of the run who have one of these ids."""
    return await _read(tx, PEOPLE.where(recipients.c.run_id == run_id, one_of(tx, recipients.c.id, recipient_ids)))


async def _read(tx: Transaction, query: Select[Any]) -> Sequence[PersonAhead]:
    return [
        PersonAhead(id_, position, language, fields, waits=state == RecipientState.WAITING and turn == 0)
        for id_, position, language, fields, state, turn in await tx.execute(query)
    ]


async def move(tx: Transaction, run_id: UUID, next_position: int) -> None:
    await tx.execute(
        update(speech_leads).where(speech_leads.c.call_run_id == run_id).values(next_position=next_position)
    )


async def set_back(tx: Transaction, run_id: UUID, position: int) -> None:
    """From this place on nobody has been spoken for after all."""
    await tx.execute(
        update(speech_leads)
        .where(speech_leads.c.call_run_id == run_id, speech_leads.c.next_position > position)
        .values(next_position=position)
    )


async def forget(tx: Transaction) -> None:
    """What was asked for is not asked for any more: the queue inside the process has just been made."""
    await tx.execute(delete(speech_leads))
