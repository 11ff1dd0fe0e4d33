"""Take in a contact list: all rows that can be used, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import UUID, uuid4

import structlog

from gdial.actions.contact_numbers import renew_numbers
from gdial.contacts.model import ContactList, ListedContact, RowError
from gdial.contacts.reading import read_contact_list
from gdial.runtime import Runtime
from gdial.storage import contact_changes, contacts, groups
from gdial.storage.batches import in_batches
from gdial.storage.contact_changes import Change
from gdial.storage.contacts import Contact, GroupName, match_key
from gdial.storage.database import Transaction
from gdial.storage.groups import NewGroup, name_key
from gdial.storage.turns import take_turn

BATCH_ROWS = 200
"""Between batches other work of this process goes on."""
MOST_GROUPS_NAMED = 20

log = structlog.get_logger(__name__)

GroupsByKey = Mapping[str, GroupName]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`created`, `updated` and `unchanged` count people; `errors` are rows, or parts of rows, that were left out, and
    `errors_left_out` how many more of them there are. `notes` are sentences for the person who imports."""

    created: int
    updated: int
    unchanged: int
    errors: tuple[RowError, ...]
    errors_left_out: int
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _Import:
    """One import under way. `claimed` are the stored people whom a row has found: a second row finds another one."""

    tx: Transaction
    groups: GroupsByKey
    now: datetime
    dry_run: bool
    tally: _Tally
    claimed: set[UUID]


async def import_contacts(rt: Runtime, source: BinaryIO, *, dry_run: bool = False) -> ImportReport:
    """Read a CSV or XLSX file and store its people, in one transaction; the same file again changes nothing.

    A person is known by the external id, else by name and first number. The list's numbers replace the stored ones,
    its groups are added, and an empty language or note leaves what is there. Groups that are not there are made.
    With `dry_run` nothing is stored, and the report says what would be. Raises InvalidContactList.
    """
    listed = await asyncio.to_thread(read_contact_list, source, region=rt.settings.default_region)
    opened = rt.database.reading() if dry_run else rt.database.transaction()
    async with opened as tx:
        if not dry_run:
            await take_turn(tx, "import")
        known_groups, new_groups = await _groups_of(tx, listed.contacts)
        if not dry_run:
            await groups.create(tx, new_groups, rt.clock())
        work = _Import(tx, known_groups, rt.clock(), dry_run, _Tally(), set())
        await _take_in(work, listed.contacts)
    report = _report(listed, work.tally, new_groups)
    log.info("contacts imported", dry_run=dry_run, errors=len(report.errors), created=report.created,
             updated=report.updated, unchanged=report.unchanged)  # fmt: skip
    return report


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


async def _take_in(work: _Import, people: Sequence[ListedContact]) -> None:
    """People with an external id first: nobody else may then be taken for one of them."""
    numbered = sorted(enumerate(people), key=lambda place: place[1].external_id is None)
    for batch in in_batches(numbered, BATCH_ROWS):
        await _take_in_batch(work, batch)
        await asyncio.sleep(0)


async def _take_in_batch(work: _Import, batch: Sequence[tuple[int, ListedContact]]) -> None:
    known = _Known(
        await contacts.find_known(
            work.tx,
            [person.external_id for _, person in batch if person.external_id],
            {_key(person) for _, person in batch},
        ),
        work.claimed,
    )
    new: list[Contact] = []
    changes: list[Change] = []
    for place, listed in batch:
        stored = known.claim(listed)
        if stored is None:
            new.append(_new_contact(listed, work.groups, work.now + timedelta(microseconds=place)))
            continue
        after = _renew(stored, listed, work.groups)
        if after != stored:
            changes.append(Change(stored, replace(after, updated_at=work.now)))
    work.tally.created += len(new)
    work.tally.updated += len(changes)
    work.tally.unchanged += len(batch) - len(new) - len(changes)
    if not work.dry_run:
        await contact_changes.insert(work.tx, new)
        await contact_changes.change(work.tx, changes)


class _Known:
    """Finds the stored person a row is about."""

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
    """`now` differs by a microsecond from row to row, which keeps the order of the list."""
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


def _report(listed: ContactList, tally: _Tally, new_groups: Sequence[NewGroup]) -> ImportReport:
    return ImportReport(
        created=tally.created,
        updated=tally.updated,
        unchanged=tally.unchanged,
        errors=listed.errors,
        errors_left_out=listed.errors_left_out,
        notes=(*listed.notes, *_group_notes(new_groups)),
    )


def _group_notes(new_groups: Sequence[NewGroup]) -> Iterator[str]:
    if new_groups:
        named = ", ".join(group.name for group in new_groups[:MOST_GROUPS_NAMED])
        more = len(new_groups) - MOST_GROUPS_NAMED
        yield f"New groups: {named}{f' and {more} more' if more > 0 else ''}."
