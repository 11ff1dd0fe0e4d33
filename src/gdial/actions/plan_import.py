"""What an import would change: the list beside what is stored. Reads, decides, and writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from gdial.actions.contact_numbers import renew_numbers
from gdial.contacts.model import ListedContact
from gdial.storage import contacts, groups
from gdial.storage.batches import in_batches
from gdial.storage.contact_changes import Change
from gdial.storage.contacts import Contact, GroupName, match_key
from gdial.storage.database import Transaction
from gdial.storage.groups import NewGroup, name_key

BATCH_ROWS = 200
"""Between batches other work of this process goes on."""

GroupsByKey = Mapping[str, GroupName]


@dataclass(slots=True)
class ImportPlan:
    """`basis` is what this was decided on: the state of all contacts and the ids of the groups on the list. With
    another one it is worth nothing."""

    basis: object
    group_keys: Collection[str]
    new_groups: list[NewGroup]
    new: list[Contact] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0


async def plan_import(tx: Transaction, people: Sequence[ListedContact], now: datetime) -> ImportPlan:
    """People with an external id come first: nobody else may then be taken for one of them."""
    group_keys = {name_key(name) for person in people for name in person.groups}
    basis = await _basis(tx, group_keys)
    known_groups, new_groups = await _groups_of(tx, people)
    plan = ImportPlan(basis, group_keys, new_groups)
    claimed: set[UUID] = set()
    numbered = sorted(enumerate(people), key=lambda place: place[1].external_id is None)
    for batch in in_batches(numbered, BATCH_ROWS):
        known = _Known(await _find_known(tx, batch), claimed)
        for place, listed in batch:
            _plan_row(plan, listed, known.claim(listed), known_groups, now + timedelta(microseconds=place))
        await asyncio.sleep(0)
    return plan


async def still_stands(tx: Transaction, plan: ImportPlan) -> bool:
    """Whether nothing has changed that the plan was decided on."""
    return await _basis(tx, plan.group_keys) == plan.basis


async def _basis(tx: Transaction, group_keys: Collection[str]) -> object:
    named = {key: group_id for key, group_id in (await groups.ids_by_key(tx)).items() if key in group_keys}
    return await contacts.state_of_all(tx), named


def _plan_row(
    plan: ImportPlan, listed: ListedContact, stored: Contact | None, known_groups: GroupsByKey, now: datetime
) -> None:
    """`now` differs by a microsecond from row to row, which keeps the order of the list."""
    if stored is None:
        plan.new.append(_new_contact(listed, known_groups, now))
        return
    after = _renew(stored, listed, known_groups)
    if after == stored:
        plan.unchanged += 1
    else:
        plan.changes.append(Change(stored, replace(after, updated_at=now)))


async def _groups_of(tx: Transaction, people: Sequence[ListedContact]) -> tuple[GroupsByKey, list[NewGroup]]:
    """Every group the list names by its key, and those of them that are to be made."""
    stored = await groups.ids_by_key(tx)
    named: dict[str, GroupName] = {}
    new: list[NewGroup] = []
    for name in (name for person in people for name in person.groups):
        key = name_key(name)
        if key in named:
            continue
        if key not in stored:
            new.append(NewGroup(uuid4(), name))
        named[key] = GroupName(stored.get(key) or new[-1].id, name)
    return named, new


async def _find_known(tx: Transaction, batch: Sequence[tuple[int, ListedContact]]) -> list[Contact]:
    external_ids = [person.external_id for _, person in batch if person.external_id]
    return await contacts.find_known(tx, external_ids, {_key(person) for _, person in batch})


class _Known:
    """Finds the stored person a row is about. `claimed` are those whom a row has found: a second row finds others."""

    def __init__(self, people: Sequence[Contact], claimed: set[UUID]) -> None:
        self._claimed = claimed
        self._by_external_id = {person.external_id: person for person in people if person.external_id}
        self._by_key: dict[str, list[Contact]] = {}
        for person in people:
            self._by_key.setdefault(person.match_key, []).append(person)

    def claim(self, listed: ListedContact) -> Contact | None:
        person = next(self._candidates(listed), None)
        if person is not None:
            self._claimed.add(person.id)
        return person

    def _candidates(self, listed: ListedContact) -> Iterator[Contact]:
        if listed.external_id in self._by_external_id:
            yield self._by_external_id[listed.external_id]
        for person in self._by_key.get(_key(listed), ()):
            has_another_id = listed.external_id is not None and person.external_id is not None
            if not has_another_id and person.id not in self._claimed:
                yield person


def _key(listed: ListedContact) -> str:
    return match_key(listed.name, listed.phone_numbers[0].number)


def _new_contact(listed: ListedContact, known_groups: GroupsByKey, now: datetime) -> Contact:
    return Contact(
        id=uuid4(),
        external_id=listed.external_id,
        name=listed.name,
        language=listed.language,
        notes=listed.notes,
        phone_numbers=renew_numbers((), listed.phone_numbers),
        groups=tuple(known_groups[name_key(name)] for name in listed.groups),
        created_at=now,
        updated_at=now,
    )


def _renew(stored: Contact, listed: ListedContact, known_groups: GroupsByKey) -> Contact:
    present = {group.id for group in stored.groups}
    wanted = (known_groups[name_key(name)] for name in listed.groups)
    return replace(
        stored,
        external_id=stored.external_id or listed.external_id,
        name=listed.name,
        language=listed.language or stored.language,
        notes=listed.notes or stored.notes,
        phone_numbers=renew_numbers(stored.phone_numbers, listed.phone_numbers),
        groups=(*stored.groups, *(group for group in wanted if group.id not in present)),
    )
