"""Contacts and groups mean the same on both databases."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from gdial.errors import Conflict, NotFound
from gdial.storage import contact_changes, contacts, groups
from gdial.storage.contact_changes import Change
from gdial.storage.contacts import Contact, GroupName, PhoneNumber
from gdial.storage.database import Database
from gdial.storage.groups import NewGroup

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def person(
    name: str,
    *numbers: str,
    external_id: str | None = None,
    in_groups: Sequence[GroupName] = (),
    created_at: datetime = NOW,
) -> Contact:
    phones = [PhoneNumber(uuid4(), number, "mobile", place + 1) for place, number in enumerate(numbers)]
    return Contact(uuid4(), external_id, name, "sv", "", tuple(phones), tuple(in_groups), created_at, created_at)


async def store(database: Database, *people: Contact) -> None:
    async with database.transaction() as tx:
        await contact_changes.insert(tx, people)


async def load(database: Database, contact_id: UUID) -> Contact:
    async with database.reading() as tx:
        return await contacts.get(tx, contact_id)


async def make_group(database: Database, name: str) -> GroupName:
    group = NewGroup(uuid4(), name)
    async with database.transaction() as tx:
        await groups.create(tx, [group], NOW)
    return GroupName(group.id, group.name)


async def test_a_contact_comes_back_as_it_was_stored(database: Database) -> None:
    night = await make_group(database, "Night shift")
    karin = person("Karin Öst", "+46701234567", "+46317654321", external_id="E-17", in_groups=[night])

    await store(database, karin)

    assert await load(database, karin.id) == karin


async def test_numbers_come_in_the_order_of_ringing(database: Database) -> None:
    karin = person("Karin", "+46701234567", "+46701234568")
    first, second = karin.phone_numbers
    turned = replace(karin, phone_numbers=(replace(second, priority=1), replace(first, priority=2)))
    await store(database, karin)

    async with database.transaction() as tx:
        await contact_changes.change(tx, [Change(karin, turned)])

    assert [number.number for number in (await load(database, karin.id)).phone_numbers] == [
        "+46701234568",
        "+46701234567",
    ]


async def test_a_change_touches_what_differs_and_nothing_else(database: Database) -> None:
    day, night = await make_group(database, "Day"), await make_group(database, "Night")
    before = person("Karin", "+46701234567", "+46701234568", in_groups=[day])
    other = person("Bo", "+46701234567", in_groups=[day])
    await store(database, before, other)
    kept = replace(before.phone_numbers[1], priority=1, bad_since=NOW, bad_code="21211")
    new = PhoneNumber(uuid4(), "+46317654321", "work", 2)
    after = replace(before, name="Karin Öst", phone_numbers=(kept, new), groups=(night,))

    async with database.transaction() as tx:
        await contact_changes.change(tx, [Change(before, after)])

    assert await load(database, before.id) == after
    assert await load(database, other.id) == other


async def test_an_external_id_belongs_to_one_contact(database: Database) -> None:
    await store(database, person("Karin", "+46701234567", external_id="17"))

    with pytest.raises(Conflict, match="external id"):
        await store(database, person("Bo", "+46701234568", external_id="17"))

    await store(database, person("Without", "+46701234569"), person("Without too", "+46701234570"))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("åsa", {"Åsa Öberg"}),
        ("ÖBERG", {"Åsa Öberg"}),
        ("  åsa   öberg ", {"Åsa Öberg"}),
        ("070-123 45 68", {"Åsa Öberg"}),
        ("+46 70 123 45", {"Åsa Öberg", "Bo Ek"}),
        ("031-76", {"Bo Ek"}),
        ("e-17", {"Bo Ek"}),
        ("100%", {"100% Städ"}),
        ("_", set()),
        ("mobile", set()),
        ("name", set()),
        ("", {"Åsa Öberg", "Bo Ek", "100% Städ"}),
    ],
)
async def test_the_search_finds_names_numbers_and_external_ids(
    database: Database, search: str, found: set[str]
) -> None:
    await store(
        database,
        person("Åsa Öberg", "+46701234568"),
        person("Bo Ek", "+46701234567", "+46317654321", external_id="E-17"),
        person("100% Städ", "+46812345678"),
    )

    async with database.reading() as tx:
        people, total = await contacts.page(tx, 100, 0, search=search)

    assert {contact.name for contact in people} == found
    assert total == len(found)


async def test_pages_of_a_group_hold_everybody_once(database: Database) -> None:
    night = await make_group(database, "Night")
    await store(database, *(person(f"Person {n:02}", f"+467012345{n:02}", in_groups=[night]) for n in range(25)))
    await store(database, person("Outside", "+46317654321"))

    seen: list[str] = []
    for offset in (0, 10, 20, 30):
        async with database.reading() as tx:
            people, total = await contacts.page(tx, 10, offset, group_id=night.id)
        assert total == 25
        seen += [contact.name for contact in people]

    assert seen == [f"Person {n:02}" for n in range(25)]


async def test_people_to_ring_are_each_named_once_in_the_order_they_came(database: Database) -> None:
    day, night, away = [await make_group(database, name) for name in ("Day", "Night", "Away")]
    later = NOW + timedelta(microseconds=1)
    bo = person("Bo", "+46701234567", in_groups=[day, night], created_at=later)
    asa = person("Åsa", "+46701234568", in_groups=[night])
    cia = person("Cia", "+46701234569", in_groups=[day, away])
    dan = person("Dan", "+46701234570", created_at=later + timedelta(days=1))
    await store(database, bo, asa, cia, dan)

    async with database.reading() as tx:
        people = await contacts.people_to_ring(
            tx, contact_ids=[dan.id, bo.id], group_ids=[day.id, night.id], exclude_group_ids=[away.id]
        )
        first_two = await contacts.people_to_ring(tx, group_ids=[day.id, night.id], only_first=2)

    assert [one.name for one in people] == ["Åsa", "Bo", "Dan"]
    assert people[1].groups == ("Day", "Night")
    assert [(n.phone_number_id, n.number, n.is_bad) for n in people[1].numbers] == [
        (bo.phone_numbers[0].id, "+46701234567", False)
    ]
    assert [one.name for one in first_two] == ["Cia", "Åsa"]


async def test_nobody_is_chosen_when_nobody_is_named(database: Database) -> None:
    await store(database, person("Karin", "+46701234567"))

    async with database.reading() as tx:
        assert await contacts.people_to_ring(tx) == []
        for call in (
            contacts.people_to_ring(tx, contact_ids=[uuid4()]),
            contacts.people_to_ring(tx, group_ids=[uuid4()]),
            contacts.people_to_ring(tx, exclude_group_ids=[uuid4()]),
        ):
            with pytest.raises(NotFound):
                await call


async def test_a_long_list_is_chosen_whole_and_soon(database: Database) -> None:
    everybody = await make_group(database, "Everybody")
    people = [person(f"Person {n}", f"+4670{n:07}", f"+4631{n:07}", in_groups=[everybody]) for n in range(12_000)]
    await store(database, *people)

    began_at = time.process_time()
    async with database.reading() as tx:
        chosen = await contacts.people_to_ring(tx, group_ids=[everybody.id])
        named = await contacts.people_to_ring(tx, contact_ids=[contact.id for contact in people])

    assert len({one.contact_id for one in chosen}) == 12_000
    assert all(len(one.numbers) == 2 for one in chosen)
    assert named == chosen
    assert time.process_time() - began_at < 10
