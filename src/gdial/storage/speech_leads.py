"""How far the people of a run have been spoken for. A lead that is lost costs nothing: the pieces are there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gdial.dialing.states import RecipientState
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


async def take(tx: Transaction, run_id: UUID) -> int | None:
    """The lead of this run, locked until the transaction ends; None while somebody else has it."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    await tx.execute(insert(speech_leads).values(call_run_id=run_id, next_position=0).on_conflict_do_nothing())
    query = select(speech_leads.c.next_position).where(speech_leads.c.call_run_id == run_id)
    return (await tx.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()


async def people(tx: Transaction, run_id: UUID, first: int, end: int) -> Sequence[PersonAhead]:
    """Those in the places from `first` up to but not with `end`."""
    own = recipients.c
    query = (
        select(own.id, own.position, own.language, own.fields, own.state, own.turn)
        .where(own.run_id == run_id, own.position >= first, own.position < end)
        .order_by(own.position)
    )
    return [
        PersonAhead(
            row.id, row.position, row.language, row.fields, row.state == RecipientState.WAITING and not row.turn
        )
        for row in await tx.execute(query)
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
