"""Contacts who may be the same person, and by what they look it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Row, Select, String, and_, case, func, literal, or_, select, union_all

from gdial.storage.contacts import Contact, load
from gdial.storage.database import Transaction
from gdial.storage.run_lists import LOWER
from gdial.storage.tables import contacts, phone_numbers

DoubleReason = Literal["same first number", "same name and a common number", "similar external id"]

SIGNS_IN_IDS = " -_./"
"""What one system writes between the parts of an id and another one leaves out."""


@dataclass(frozen=True, slots=True)
class SuspectedDouble:
    """Two contacts or more. `shared` is what they have in common: the number, or the id without its signs."""

    reason: DoubleReason
    shared: str
    contacts: Sequence[Contact]


async def page(tx: Transaction, limit: int, offset: int) -> tuple[list[SuspectedDouble], int]:
    """By reason, then by what is shared; and how many there are in all. People who share a phone are among them."""
    likeness = _likeness(tx)
    shared = (likeness.c.reason, likeness.c.shared, likeness.c.name)
    found = select(*shared).group_by(*shared).order_by(*shared)
    total = (await _all(tx, select(func.count()).select_from(found.subquery())))[0][0]
    keys = await _all(tx, found.limit(limit).offset(offset))
    if not keys:
        return [], total
    ways = [and_(*(column == value for column, value in zip(shared, key, strict=True))) for key in keys]
    members: defaultdict[tuple[Any, ...], list[UUID]] = defaultdict(list)
    for row in await _all(tx, select(*shared, likeness.c.contact_id).where(or_(*ways))):
        members[tuple(row[:-1])].append(row.contact_id)
    people = {it.id: it for it in await load(tx, list({it for ids in members.values() for it in ids}))}
    return [_double(key, [people[it] for it in members[tuple(key)]]) for key in keys], total


def _double(key: Row[Any], people: list[Contact]) -> SuspectedDouble:
    return SuspectedDouble(key.reason, key.shared, sorted(people, key=lambda it: (it.created_at, it.id)))


async def _all(tx: Transaction, query: Select[Any]) -> Sequence[Row[Any]]:
    """Aside: it looks at everybody."""
    return await tx.run_sync(lambda connection: connection.execute(query).all())


def _likeness(tx: Transaction) -> CTE:
    """A row for each contact who shares something with another: (reason, shared, name, contact_id)."""
    lower = getattr(func, LOWER[tx.dialect.name])
    order = (phone_numbers.c.priority, phone_numbers.c.id)
    place = func.row_number().over(partition_by=phone_numbers.c.contact_id, order_by=order)
    numbers = select(
        phone_numbers.c.contact_id, phone_numbers.c.number, case((place == 1, 1), else_=0).label("is_first")
    ).cte("numbers")
    first = select(numbers.c.number.label("shared"), literal("").label("name"), numbers.c.contact_id).where(
        numbers.c.is_first == 1
    )
    named = select(
        numbers.c.number.label("shared"),
        lower(contacts.c.name, type_=String).label("name"),
        numbers.c.contact_id,
        numbers.c.is_first,
    ).join(contacts, contacts.c.id == numbers.c.contact_id)
    with_id = select(
        _bare(lower(contacts.c.external_id, type_=String)).label("shared"),
        literal("").label("name"),
        contacts.c.id.label("contact_id"),
    ).where(contacts.c.external_id.is_not(None))
    return union_all(
        _shared_by_several("same first number", first),
        _shared_by_several("same name and a common number", named, unless_all_first=True),
        _shared_by_several("similar external id", with_id),
    ).cte("likeness")


def _shared_by_several(reason: DoubleReason, people: Select[Any], *, unless_all_first: bool = False) -> Select[Any]:
    """`unless_all_first`: what all of them share as their first number is told under that reason."""
    told = people.cte()
    several = select(told.c.shared, told.c.name).group_by(told.c.shared, told.c.name)
    several = several.having(func.count(told.c.contact_id.distinct()) > 1)
    if unless_all_first:
        several = several.having(func.min(told.c.is_first) == 0)
    keys = several.subquery()
    same = and_(told.c.shared == keys.c.shared, told.c.name == keys.c.name)
    return (
        select(literal(reason).label("reason"), told.c.shared, told.c.name, told.c.contact_id)
        .join(keys, same)
        .where(told.c.shared != "")
    )


def _bare(text: ColumnElement[str]) -> ColumnElement[str]:
    """Without signs and leading zeros."""
    for sign in SIGNS_IN_IDS:
        text = func.replace(text, sign, "", type_=String)
    return func.ltrim(text, "0", type_=String)
