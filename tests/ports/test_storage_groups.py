"""Groups, messages and the installation's own records mean the same on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from gdial.errors import Conflict, NotFound
from gdial.messages.model import MessageContent, Response
from gdial.storage import contact_changes, groups, installation, messages
from gdial.storage.contacts import Contact
from gdial.storage.database import Database
from gdial.storage.groups import Group, NewGroup
from gdial.storage.messages import Message

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


async def make(database: Database, *names: str) -> list[UUID]:
    new = [NewGroup(uuid4(), name) for name in names]
    async with database.transaction() as tx:
        await groups.create(tx, new, NOW)
    return [group.id for group in new]


async def make_people(database: Database, count: int) -> Sequence[UUID]:
    people = [Contact(uuid4(), None, f"Person {n}", None, "", (), (), NOW, NOW) for n in range(count)]
    async with database.transaction() as tx:
        await contact_changes.insert(tx, people)
    return [person.id for person in people]


async def test_a_group_counts_its_members(database: Database) -> None:
    [night] = await make(database, "Night")
    karin, bo, cia = await make_people(database, 3)

    async with database.transaction() as tx:
        await groups.add_members(tx, night, [karin, bo, bo])
        await groups.add_members(tx, night, [bo, cia])
        await groups.remove_member(tx, night, karin)

    async with database.reading() as tx:
        assert await groups.get(tx, night) == Group(night, "Night", 2)


async def test_nobody_is_added_when_one_of_them_is_not_there(database: Database) -> None:
    [night] = await make(database, "Night")
    [karin] = await make_people(database, 1)
    stranger = uuid4()

    with pytest.raises(NotFound, match=str(stranger)):
        async with database.transaction() as tx:
            await groups.add_members(tx, night, [karin, stranger])

    async with database.reading() as tx:
        assert (await groups.get(tx, night)).size == 0


async def test_names_that_differ_only_in_case_are_one_name(database: Database) -> None:
    [night, _] = await make(database, "Östra nattskiftet", "Day")

    with pytest.raises(Conflict, match=str(night)):
        await make(database, "östra  NATTSKIFTET")
    with pytest.raises(Conflict):
        await make(database, "New", "new")
    async with database.transaction() as tx:
        await groups.rename(tx, night, "ÖSTRA nattskiftet")
        with pytest.raises(Conflict):
            await groups.rename(tx, night, "day")

    async with database.reading() as tx:
        assert (await groups.get(tx, night)).name == "ÖSTRA nattskiftet"


async def test_two_who_make_the_same_group_at_once_make_one(database: Database) -> None:
    results = await asyncio.gather(*(make(database, "Night") for _ in range(5)), return_exceptions=True)

    assert [type(result) for result in results if isinstance(result, BaseException)] == [Conflict] * 4
    async with database.reading() as tx:
        assert (await groups.page(tx, 10, 0))[1] == 1


async def test_pages_come_by_name_in_any_case(database: Database) -> None:
    await make(database, "beta", "Alfa", "Gamma", "delta")

    async with database.reading() as tx:
        first, total = await groups.page(tx, 2, 0)
        second, _ = await groups.page(tx, 2, 2)
        found, found_total = await groups.page(tx, 2, 0, "ET")

    assert [group.name for group in first + second] == ["Alfa", "beta", "delta", "Gamma"]
    assert (total, found_total) == (4, 1)
    assert [group.name for group in found] == ["beta"]


async def test_a_group_that_is_removed_leaves_its_people(database: Database) -> None:
    [night] = await make(database, "Night")
    [karin] = await make_people(database, 1)
    async with database.transaction() as tx:
        await groups.add_members(tx, night, [karin])
        await groups.remove(tx, night)

    [day] = await make(database, "Day")
    async with database.transaction() as tx:
        await groups.add_members(tx, day, [karin])
        for call in (groups.get(tx, night), groups.remove(tx, night), groups.rename(tx, night, "x")):
            with pytest.raises(NotFound):
                await call


async def test_a_message_comes_back_as_it_was_stored(database: Database) -> None:
    content = MessageContent("Hej {first_name}!", "sv", {"1": Response("Kommer", "Tack"), "2": Response("Kan inte")})
    message = Message(uuid4(), "Brand", content, NOW, NOW)
    changed = replace(message, name="Fire", content=MessageContent("Fire.", "en"))

    async with database.transaction() as tx:
        await messages.insert(tx, message)
    async with database.transaction() as tx:
        assert await messages.get(tx, message.id) == message
        await messages.save(tx, changed)
        assert await messages.page(tx, 10, 0) == ([changed], 1)
        await messages.remove(tx, message.id)
        for call in (messages.get(tx, message.id), messages.remove(tx, message.id), messages.save(tx, message)):
            with pytest.raises(NotFound):
                await call


async def test_everybody_is_given_the_same_secret(database: Database) -> None:
    async def ask() -> bytes:
        async with database.transaction() as tx:
            return await installation.get_or_create_secret(tx)

    secrets = await asyncio.gather(*(ask() for _ in range(10)))

    assert len(set(secrets)) == 1
    assert len(secrets[0]) == 32
    assert await ask() == secrets[0]


async def test_a_kept_value_is_the_last_one_put(database: Database) -> None:
    async with database.transaction() as tx:
        assert await installation.get(tx, "colour") is None
        await installation.put(tx, "colour", "red")
        await installation.put(tx, "colour", "blue")
    async with database.reading() as tx:
        assert await installation.get(tx, "colour") == "blue"
