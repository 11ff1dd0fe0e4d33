"""Every contact as an export wants it, a portion at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from gdial.storage.batches import one_of
from gdial.storage.contacts import matching
from gdial.storage.database import Transaction
from gdial.storage.run_lists import group_names
from gdial.storage.tables import contacts, phone_numbers

ROWS_IN_ONE_PORTION = 200


@dataclass(frozen=True, slots=True)
class ExportedContact:
    """`numbers` are (number, label) in the order of ringing, `groups` names in their order."""

    external_id: str | None
    name: str
    language: str | None
    notes: str
    numbers: Sequence[tuple[str, str]]
    groups: Sequence[str]


async def number_places(tx: Transaction, search: str, group_id: UUID | None) -> list[tuple[int, str]]:
    """Which kinds of number occur at which place of a contact: (0, "mobile") is a first number; in order."""
    chosen = select(contacts.c.id).where(*matching(search, group_id))
    order = (phone_numbers.c.priority, phone_numbers.c.id)
    place = func.row_number().over(partition_by=phone_numbers.c.contact_id, order_by=order).label("place")
    numbers = select(place, phone_numbers.c.label).where(phone_numbers.c.contact_id.in_(chosen)).subquery()
    query = select(numbers.c.place, numbers.c.label).distinct().order_by(numbers.c.place, numbers.c.label)
    return [(row.place - 1, row.label) for row in await tx.execute(query)]


async def every_contact(
    tx: Transaction, search: str, group_id: UUID | None
) -> AsyncIterator[Sequence[ExportedContact]]:
    """Those whom the list shows for these filters, by name."""
    after: tuple[str, UUID] | None = None
    while True:
        rows = (await tx.execute(_portion(matching(search, group_id), after))).all()
        if rows:
            yield await _with_numbers(tx, rows)
        if len(rows) < ROWS_IN_ONE_PORTION:
            return
        after = (rows[-1].match_key, rows[-1].id)


def _portion(chosen: list[ColumnElement[bool]], after: tuple[str, UUID] | None) -> Select[Any]:
    query = select(contacts).where(*chosen).order_by(contacts.c.match_key, contacts.c.id).limit(ROWS_IN_ONE_PORTION)
    return query if after is None else query.where(tuple_(contacts.c.match_key, contacts.c.id) > tuple_(*after))


async def _with_numbers(tx: Transaction, rows: Sequence[Any]) -> list[ExportedContact]:
    ids = [row.id for row in rows]
    numbers: defaultdict[UUID, list[tuple[str, str]]] = defaultdict(list)
    columns = (phone_numbers.c.contact_id, phone_numbers.c.number, phone_numbers.c.label)
    query = select(*columns).where(one_of(tx, phone_numbers.c.contact_id, ids))
    for contact_id, number, label in await tx.execute(query.order_by(phone_numbers.c.priority, phone_numbers.c.id)):
        numbers[contact_id].append((number, label))
    names = await group_names(tx, ids)
    return [
        ExportedContact(row.external_id, row.name, row.language, row.notes, numbers[row.id], names.get(row.id, ()))
        for row in rows
    ]
