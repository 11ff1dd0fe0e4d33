"""Contacts: people, their phone numbers in order of priority, and the groups they are in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, String, func, or_, select, type_coerce

from gdial.contacts.model import contact_key
from gdial.errors import NotFound
from gdial.storage.batches import in_batches, let_others_work, one_of
from gdial.storage.database import Transaction
from gdial.storage.groups import require as require_groups
from gdial.storage.searching import digits_searched
from gdial.storage.tables import contacts, group_members, groups, phone_numbers

MATCH_KEY_CHARACTERS = 300
ROWS_IN_ONE_PORTION = 200


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """`number` is E.164; the lowest `priority` is rung first. `bad_since`: when the carrier said that it cannot be
    rung."""

    id: UUID
    number: str
    label: str
    priority: int
    bad_since: datetime | None = None
    bad_code: str = ""


@dataclass(frozen=True, slots=True)
class GroupName:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person. `phone_numbers` are in the order of ringing, `groups` by name."""

    id: UUID
    external_id: str | None
    name: str
    language: str | None
    notes: str
    phone_numbers: tuple[PhoneNumber, ...]
    groups: tuple[GroupName, ...]
    created_at: datetime
    updated_at: datetime

    @property
    def match_key(self) -> str:
        return match_key(self.name, self.phone_numbers[0].number if self.phone_numbers else "")


@dataclass(frozen=True, slots=True)
class NumberOfPerson:
    phone_number_id: UUID | None
    number: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class PersonToRing:
    """What a run needs to know of a person. `groups` are names; `numbers` are in the order of ringing, and may be none
    at all. Without `contact_id` and ids of the numbers it is somebody whom no contact stands for."""

    contact_id: UUID | None
    name: str
    language: str | None
    groups: tuple[str, ...]
    numbers: tuple[NumberOfPerson, ...]


def match_key(name: str, first_number: str) -> str:
    """What a person without an external id is known by, and what the search for a name looks in."""
    key = contact_key(None, name, first_number).removeprefix("name:")
    spare = len(key) - MATCH_KEY_CHARACTERS
    return key if spare <= 0 else key[: -len(first_number) - 1 - spare] + key[-len(first_number) - 1 :]


async def get(tx: Transaction, contact_id: UUID, *, lock: bool = False) -> Contact:
    """Raises NotFound. `lock` keeps others from changing the contact until the transaction ends."""
    query = select(contacts.c.id).where(contacts.c.id == contact_id)
    found = (await tx.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
    if found is None:
        raise NotFound("contact", contact_id)
    return (await load(tx, [contact_id]))[0]


async def load(tx: Transaction, contact_ids: Sequence[UUID]) -> list[Contact]:
    """In the order asked for; those that are not there are left out."""
    found: dict[UUID, Contact] = {}
    for batch in in_batches(contact_ids):
        found |= {person.id: person for person in await _load_batch(tx, batch)}
    return [found[contact_id] for contact_id in contact_ids if contact_id in found]


async def page(
    tx: Transaction, limit: int, offset: int, *, search: str = "", group_id: UUID | None = None
) -> tuple[list[Contact], int]:
    """By name, and how many there are in all.

    `search` is a part of a name in any case, of an external id, or of a phone number in any spelling.
    """
    chosen = matching(search, group_id)
    total = (await tx.execute(select(func.count()).select_from(contacts).where(*chosen))).scalar_one()
    by_name = select(contacts.c.id).where(*chosen).order_by(contacts.c.match_key, contacts.c.id)
    ids = (await tx.execute(by_name.limit(limit).offset(offset))).scalars().all()
    return await load(tx, ids), total


async def find_known(tx: Transaction, external_ids: Iterable[str], match_keys: Iterable[str]) -> list[Contact]:
    """Everybody with one of these external ids or match keys, oldest first."""
    ids: set[UUID] = set()
    for column, keys in ((contacts.c.external_id, external_ids), (contacts.c.match_key, match_keys)):
        for batch in in_batches(list(keys)):
            ids.update((await tx.execute(select(contacts.c.id).where(one_of(tx, column, batch)))).scalars())
    known = await load(tx, list(ids))
    return sorted(known, key=lambda person: (person.created_at, person.id))


async def state_of_all(tx: Transaction) -> object:
    """Something that is another one after a contact was added, changed or removed."""
    return tuple((await tx.execute(select(func.count(contacts.c.id), func.max(contacts.c.updated_at)))).one())


async def people_to_ring(
    tx: Transaction,
    *,
    contact_ids: Sequence[UUID] = (),
    group_ids: Sequence[UUID] = (),
    exclude_group_ids: Sequence[UUID] = (),
    only_first: int | None = None,
) -> list[PersonToRing]:
    """The named contacts and the members of the groups, less the members of the excluded groups, each person once.

    In the order they came into the system, then by name. Raises NotFound for a contact or a group that is not there.
    """
    await require_groups(tx, [*group_ids, *exclude_group_ids])
    left_out = contacts.c.id.in_(_members(exclude_group_ids))
    chosen = {row.key: row for row in await _named(tx, contact_ids, left_out)}
    if group_ids:
        chosen |= await _stream(tx, _person_columns().where(contacts.c.id.in_(_members(group_ids)), ~left_out))
    in_order = sorted(chosen.values(), key=attrgetter("created_at", "name", "id"))
    people: list[PersonToRing] = []
    for batch in in_batches(in_order[:only_first], ROWS_IN_ONE_PORTION):
        people += await _with_numbers(tx, batch)
        await let_others_work()
    return people


def _members(group_ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    return select(group_members.c.contact_id).where(group_members.c.group_id.in_(group_ids))


async def _named(tx: Transaction, contact_ids: Sequence[UUID], left_out: ColumnElement[bool]) -> list[Row[Any]]:
    """Those of the named who are not left out; NotFound for one who is not there at all."""
    found: dict[UUID, Row[Any]] = {}
    for batch in in_batches(contact_ids):
        query = _person_columns().add_columns(left_out.label("left_out")).where(one_of(tx, contacts.c.id, batch))
        found |= {row.id: row for row in await tx.execute(query)}
    for contact_id in contact_ids:
        if contact_id not in found:
            raise NotFound("contact", contact_id)
    return [row for row in found.values() if not row.left_out]


async def _stream(tx: Transaction, query: Select[Any]) -> dict[Any, Row[Any]]:
    """The rows by key."""
    found: dict[Any, Row[Any]] = {}
    async for portion in tx.portions(query.order_by(contacts.c.created_at, contacts.c.name), ROWS_IN_ONE_PORTION):
        found |= {row.key: row for row in portion}
    return found


def _person_columns() -> Select[Any]:
    return select(
        _key(contacts.c.id).label("key"),
        contacts.c.id,
        contacts.c.name,
        contacts.c.language,
        contacts.c.created_at,
    )


def _key(column: ColumnElement[UUID]) -> ColumnElement[str]:
    """An id as the driver gives it: enough to tell rows apart, and a third of the cost of making UUIDs."""
    return type_coerce(column, String)


async def _with_numbers(tx: Transaction, rows: Sequence[Row[Any]]) -> list[PersonToRing]:
    ids = [row.id for row in rows]
    numbers: defaultdict[Any, list[NumberOfPerson]] = defaultdict(list)
    numbers_query = (
        select(_key(phone_numbers.c.contact_id), phone_numbers.c.id, phone_numbers.c.number, phone_numbers.c.bad_since)
        .where(one_of(tx, phone_numbers.c.contact_id, ids))
        .order_by(phone_numbers.c.priority, phone_numbers.c.id)
    )
    for key, number_id, number, bad_since in await tx.execute(numbers_query):
        numbers[key].append(NumberOfPerson(number_id, number, bad_since is not None))
    names: defaultdict[Any, list[str]] = defaultdict(list)
    names_query = (
        select(_key(group_members.c.contact_id), groups.c.name)
        .join(groups, groups.c.id == group_members.c.group_id)
        .where(one_of(tx, group_members.c.contact_id, ids))
        .order_by(groups.c.name)
    )
    for key, name in await tx.execute(names_query):
        names[key].append(name)
    return [
        PersonToRing(row.id, row.name, row.language, tuple(names[row.key]), tuple(numbers[row.key])) for row in rows
    ]


async def _load_batch(tx: Transaction, ids: Sequence[UUID]) -> list[Contact]:
    numbers: defaultdict[UUID, list[PhoneNumber]] = defaultdict(list)
    query = select(phone_numbers).where(one_of(tx, phone_numbers.c.contact_id, ids))
    for row in await tx.execute(query.order_by(phone_numbers.c.priority, phone_numbers.c.id)):
        number = PhoneNumber(row.id, row.number, row.label, row.priority, row.bad_since, row.bad_code)
        numbers[row.contact_id].append(number)
    names = await _group_names(tx, ids)
    return [
        Contact(
            id=row.id,
            external_id=row.external_id,
            name=row.name,
            language=row.language,
            notes=row.notes,
            phone_numbers=tuple(numbers[row.id]),
            groups=tuple(names.get(row.id, ())),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in await tx.execute(select(contacts).where(one_of(tx, contacts.c.id, ids)))
    ]


async def _group_names(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[UUID, list[GroupName]]:
    """The groups of each of these contacts, by name; at most a batch of ids."""
    query = (
        select(group_members.c.contact_id, groups.c.id, groups.c.name)
        .join(groups, groups.c.id == group_members.c.group_id)
        .where(one_of(tx, group_members.c.contact_id, contact_ids))
        .order_by(groups.c.name)
    )
    names: defaultdict[UUID, list[GroupName]] = defaultdict(list)
    for contact_id, group_id, name in await tx.execute(query):
        names[contact_id].append(GroupName(group_id, name))
    return names


def matching(search: str, group_id: UUID | None) -> list[ColumnElement[bool]]:
    """The conditions of `page`."""
    chosen = _found_by(search)
    if group_id is not None:
        chosen.append(contacts.c.id.in_(_members([group_id])))
    return chosen


def _found_by(search: str) -> list[ColumnElement[bool]]:
    term = " ".join(search.split())
    if not term:
        return []
    ways = [
        contacts.c.match_key.contains(term.casefold(), autoescape=True),
        func.lower(contacts.c.external_id).contains(term.lower(), autoescape=True),
    ]
    digits = digits_searched(term)
    if digits is not None:
        has_number = select(phone_numbers.c.contact_id).where(phone_numbers.c.number.contains(digits, autoescape=True))
        ways.append(contacts.c.id.in_(has_number))
    return [or_(*ways)]
