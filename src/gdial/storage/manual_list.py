"""The manual list of a run: whom it did not reach, for people who go on by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select

from gdial.storage.batches import one_of
from gdial.storage.care import Care, read_care
from gdial.storage.database import Transaction
from gdial.storage.notes import Note
from gdial.storage.tables import phone_numbers, recipient_care, recipient_notes, recipients
from gdial.storage.unreached import OUTCOMES

PORTION = 200


@dataclass(frozen=True, slots=True)
class ManualNumber:
    """`label` is the phone's (mobile, home, work, other), "" where it is not known."""

    number: str
    label: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class ManualRow:
    id: UUID
    contact_id: UUID | None
    name: str
    numbers: tuple[ManualNumber, ...]
    state: str
    outcome: str
    reason: str | None
    attempts: int
    ended_at: datetime | None
    care: Care
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ManualCounts:
    """`open` people are neither taken nor handled; `taken` are taken and not handled yet."""

    people: int
    open: int
    taken: int
    handled: int


async def page(
    tx: Transaction, run_id: UUID, limit: int, offset: int, *, with_handled: bool = True
) -> tuple[list[ManualRow], int]:
    """In the order of dialling, and how many there are in all."""
    chosen = _chosen(run_id)
    if not with_handled:
        chosen.append(recipient_care.c.handled_at.is_(None))
    total = (await tx.execute(_joined(select(func.count())).where(*chosen))).scalar_one()
    query = _people().where(*chosen).order_by(recipients.c.position, recipients.c.id)
    rows = (await tx.execute(query.limit(limit).offset(offset))).all()
    return await _with_words(tx, rows), total


async def everybody(tx: Transaction, run_id: UUID) -> AsyncIterator[list[ManualRow]]:
    """All of them in the order of dialling, a portion at a time."""
    last = -1
    while True:
        later = _people().where(*_chosen(run_id), recipients.c.position > last)
        rows = (await tx.execute(later.order_by(recipients.c.position).limit(PORTION))).all()
        if rows:
            last = rows[-1].position
            yield await _with_words(tx, rows)
        if len(rows) < PORTION:
            return


async def counts(tx: Transaction, run_id: UUID) -> ManualCounts:
    care = recipient_care.c
    taken_only = func.count(care.taken_at).filter(care.handled_at.is_(None))
    query: Any = select(func.count(), func.count(care.handled_at), taken_only)
    people, handled, taken = (await tx.execute(_joined(query).where(*_chosen(run_id)))).one()
    return ManualCounts(people, people - handled - taken, taken, handled)


def _chosen(run_id: UUID) -> list[ColumnElement[bool]]:
    return [recipients.c.run_id == run_id, recipients.c.outcome.in_(OUTCOMES)]


def _joined(query: Select[Any]) -> Select[Any]:
    with_care = recipients.outerjoin(recipient_care, recipient_care.c.recipient_id == recipients.c.id)
    return query.select_from(with_care)


def _people() -> Select[Any]:
    care = [column for column in recipient_care.c if column.name != "recipient_id"]
    return _joined(select(*recipients.c, *care))


async def _with_words(tx: Transaction, rows: Sequence[Row[Any]]) -> list[ManualRow]:
    notes: defaultdict[UUID, list[Note]] = defaultdict(list)
    written = select(recipient_notes).where(one_of(tx, recipient_notes.c.recipient_id, [row.id for row in rows]))
    in_order = written.order_by(recipient_notes.c.written_at, recipient_notes.c.id)
    for note in await tx.execute(in_order):
        notes[note.recipient_id].append(Note(**note._mapping))
    ids = [UUID(entry["id"]) for row in rows for entry in row.numbers if entry.get("id")]
    labelled = select(phone_numbers.c.id, phone_numbers.c.label).where(one_of(tx, phone_numbers.c.id, ids))
    labels = {str(number_id): label for number_id, label in await tx.execute(labelled)}
    return [_read(row, labels, notes[row.id]) for row in rows]


def _read(row: Row[Any], labels: dict[str, str], notes: Sequence[Note]) -> ManualRow:
    numbers = tuple(
        ManualNumber(entry["number"], labels.get(entry.get("id", ""), ""), bool(entry.get("bad")))
        for entry in row.numbers
        if entry["number"]
    )
    same = ("id", "contact_id", "name", "state", "outcome", "reason", "attempts", "ended_at")
    values = {name: getattr(row, name) for name in same}
    return ManualRow(**values, numbers=numbers, care=read_care(row), notes=tuple(notes))
