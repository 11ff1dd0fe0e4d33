"""Calls that people made to us, and whom they were told the message for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gdial.dialing.states import Outcome, RunMode, RunState
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs, call_runs, inbound_calls, phone_numbers, recipients


@dataclass(frozen=True, slots=True)
class InboundCall:
    """`number` is "" where it was withheld. `presses` has one key for each step so far, "" for a step without one."""

    id: UUID
    call_sid: str
    mode: RunMode
    number: str
    call_run_id: UUID | None
    recipient_id: UUID | None
    presses: tuple[str, ...]
    received_at: datetime


async def insert_if_new(tx: Transaction, call: InboundCall) -> bool:
    """False when this call is known: it stays as it is."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(inbound_calls).values(
        id=call.id,
        call_sid=call.call_sid,
        mode=call.mode,
        number=call.number,
        call_run_id=call.call_run_id,
        recipient_id=call.recipient_id,
        digits=_written(call.presses),
        received_at=call.received_at,
    )
    return (await tx.execute(statement.on_conflict_do_nothing())).rowcount == 1


async def get(tx: Transaction, call_id: UUID) -> InboundCall | None:
    """Lock its recipient first (`recipients.get`) when presses are to be added."""
    return _read((await tx.execute(select(inbound_calls).where(inbound_calls.c.id == call_id))).one_or_none())


async def find(tx: Transaction, call_sid: str) -> InboundCall | None:
    return _read((await tx.execute(select(inbound_calls).where(inbound_calls.c.call_sid == call_sid))).one_or_none())


async def save_presses(tx: Transaction, call_id: UUID, presses: tuple[str, ...]) -> None:
    await tx.execute(update(inbound_calls).where(inbound_calls.c.id == call_id).values(digits=_written(presses)))


async def whom_it_is_for(tx: Transaction, number: str, mode: RunMode, since: datetime) -> tuple[UUID, UUID] | None:
    """(recipient, run): in the run begun last, of those that go on or ended after `since`, somebody who has this number
    and is not reached yet, else anybody who has it. Who is no contact has a number once it was rung."""
    owners = select(phone_numbers.c.contact_id).where(phone_numbers.c.number == number)
    theirs = select(recipients.c.id).where(recipients.c.contact_id.in_(owners))
    query = (
        select(recipients.c.id, recipients.c.run_id)
        .join(call_runs, call_runs.c.id == recipients.c.run_id)
        .where(
            recipients.c.id.in_(theirs.union(_strangers(number))),
            call_runs.c.mode == mode,
            call_runs.c.state != RunState.SCHEDULED,
            call_runs.c.started_at.is_not(None),
            or_(call_runs.c.ended_at.is_(None), call_runs.c.ended_at >= since),
        )
        .order_by(
            call_runs.c.started_at.desc(),
            call_runs.c.id,
            case((recipients.c.outcome == Outcome.REACHED, 1), else_=0),
            recipients.c.position,
        )
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else (row.id, row.run_id)


async def count_owners(tx: Transaction, number: str) -> int:
    """How many people have this number: contacts, and others who were rung on it, told apart by their names."""
    owners = func.count(phone_numbers.c.contact_id.distinct())
    known = (await tx.execute(select(owners).where(phone_numbers.c.number == number))).scalar_one()
    names = func.count(recipients.c.name.distinct())
    others = (await tx.execute(select(names).where(recipients.c.id.in_(_strangers(number))))).scalar_one()
    return known + others


def _strangers(number: str) -> Select[tuple[UUID]]:
    """Those who were rung on this number and are no contacts."""
    return (
        select(recipients.c.id)
        .join(call_logs, call_logs.c.recipient_id == recipients.c.id)
        .where(call_logs.c.number == number, recipients.c.contact_id.is_(None), recipients.c.name != "")
    )


def _written(presses: tuple[str, ...]) -> str | None:
    return "".join(press or " " for press in presses) or None


def _read(row: Row[Any] | None) -> InboundCall | None:
    if row is None:
        return None
    return InboundCall(
        id=row.id,
        call_sid=row.call_sid,
        mode=RunMode(row.mode),
        number=row.number,
        call_run_id=row.call_run_id,
        recipient_id=row.recipient_id,
        presses=tuple(press.strip() for press in row.digits or ""),
        received_at=row.received_at,
    )
