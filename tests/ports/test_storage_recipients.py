"""Recipients mean the same on both databases: how they are kept, changed, listed and found."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from gdial.dialing.model import NumberToRing
from gdial.dialing.states import Outcome, Reason, RecipientState
from gdial.storage import recipients, run_lists
from gdial.storage.database import Database
from gdial.storage.recipients import NewRecipient
from gdial.storage.run_lists import RecipientFilter
from gdial.storage.runs import Run
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import ended, facts_of, load, make_person, store_contact, store_run

EVERYTHING = RecipientFilter()


async def names(database: Database, run: Run, wanted: RecipientFilter, limit: int = 100, offset: int = 0) -> list[str]:
    async with database.reading() as tx:
        rows, _ = await run_lists.page_of_recipients(tx, run.id, wanted, limit, offset)
    return [row.name for row in rows]


async def found(database: Database, run: Run, search: str) -> list[str]:
    return await names(database, run, RecipientFilter(search=search))


async def test_a_recipient_comes_back_as_it_was_stored(database: Database) -> None:
    numbers = (NumberToRing("+46701740605", uuid4()), NumberToRing("+46701740606", None, is_bad=True))
    person = make_person(name="Åsa Öst", contact_id=await store_contact(database, "Åsa Öst", "+46701740605"))
    facts = replace(
        person.facts,
        numbers=numbers,
        round=2,
        number_index=1,
        feeds=3,
        attempts=4,
        refusals=5,
        due_at=NOW + timedelta(microseconds=1),
    )
    run = await store_run(database, replace(person, facts=facts), priority=7)
    async with database.reading() as tx:
        stored = await load(tx, person.id)
    assert stored.facts == replace(facts, run_state=run.state, deadline_at=run.deadline_at)
    assert (stored.contact_id, stored.name, stored.fields) == (person.contact_id, "Åsa Öst", {"first_name": "Åsa"})
    assert stored.run == run


async def test_what_was_decided_is_stored_and_the_first_end_dated(database: Database) -> None:
    person = make_person()
    run = await store_run(database, person)
    async with database.transaction() as tx:
        before = await load(tx, person.id, lock=True)
        after = replace(before.facts, state=RecipientState.ENDED, outcome=Outcome.NOT_REACHED, reason=Reason.BUSY)
        await recipients.save(tx, before, after, NOW)
    async with database.transaction() as tx:
        before = await load(tx, person.id, lock=True)
        better = replace(before.facts, outcome=Outcome.REACHED, reason=Reason.KEY, answer="1")
        await recipients.save(tx, before, better, NOW + timedelta(minutes=5))
    assert await facts_of(database, person.id) == better
    async with database.reading() as tx:
        (row,), _ = await run_lists.page_of_recipients(tx, run.id, EVERYTHING, 10, 0)
    assert row.ended_at == NOW


async def test_those_who_wait_are_found(database: Database) -> None:
    waiting = [make_person() for _ in range(3)]
    run = await store_run(
        database, *waiting, make_person(state=RecipientState.CALLING), ended(make_person(), Outcome.REACHED)
    )
    async with database.transaction() as tx:
        assert {person.id for person in await recipients.waiting_of(tx, run.id, 10)} == {p.id for p in waiting}
        assert len(await recipients.waiting_of(tx, run.id, 2)) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_is_held_by_somebody_else_is_left_out(database: Database) -> None:
    held, free = make_person(), make_person()
    run = await store_run(database, held, free)
    async with database.transaction() as holder:
        await load(holder, held.id, lock=True)
        async with database.transaction() as tx:
            assert [person.id for person in await recipients.waiting_of(tx, run.id, 10)] == [free.id]


async def test_a_locked_person_stands_still_until_the_transaction_ends(database: Database) -> None:
    person = make_person()
    await store_run(database, person)
    seen: list[int] = []

    async def count_one_attempt() -> None:
        async with database.transaction() as tx:
            before = await load(tx, person.id, lock=True)
            seen.append(before.facts.attempts)
            await asyncio.sleep(0.01)
            await recipients.save(tx, before, replace(before.facts, attempts=before.facts.attempts + 1), NOW)

    await asyncio.gather(*(count_one_attempt() for _ in range(15)))
    assert seen == list(range(15))


async def test_people_are_listed_in_the_order_of_dialling_a_page_at_a_time(database: Database) -> None:
    people = [make_person(name=f"Person {place:02}") for place in range(12)]
    run = await store_run(database, *people)
    await store_run(database, make_person(name="Somebody of another run"))
    assert await names(database, run, EVERYTHING, limit=5) == [f"Person {place:02}" for place in range(5)]
    assert await names(database, run, EVERYTHING, limit=5, offset=10) == ["Person 10", "Person 11"]
    async with database.reading() as tx:
        rows, total = await run_lists.page_of_recipients(tx, run.id, EVERYTHING, 0, 0)
        everybody = [row.name async for rows in run_lists.every_recipient(tx, run.id) for row in rows]
    assert (rows, total) == ([], 12)
    assert everybody == [person.name for person in people]


async def test_people_are_filtered_by_how_it_went(database: Database) -> None:
    run = await store_run(
        database,
        make_person(name="Waits"),
        ended(make_person(name="Comes"), Outcome.REACHED, answer="1"),
        ended(make_person(name="Cannot"), Outcome.REACHED, answer="2"),
        ended(make_person(name="Sleeps"), Outcome.NOT_REACHED),
    )
    assert await names(database, run, RecipientFilter(state="waiting")) == ["Waits"]
    assert await names(database, run, RecipientFilter(outcome="reached")) == ["Comes", "Cannot"]
    assert await names(database, run, RecipientFilter(outcome="reached", answer="2")) == ["Cannot"]
    assert await names(database, run, RecipientFilter(search="s", outcome="not_reached")) == ["Sleeps"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("åsa", ["Åsa Öst"]),
        ("ÅSA", ["Åsa Öst"]),
        ("öST", ["Åsa Öst"]),
        ("renée", ["RENÉE Ek"]),
        ("  ek ", ["RENÉE Ek"]),
        ("100%", ["Bo 100%"]),
        ("%", ["Bo 100%"]),
        ("_", ["Cia_Maria"]),
        ("a_m", ["Cia_Maria"]),
        ("\\", ["Dag \\ Eva"]),
        ("'; drop table", []),
        ("", ["Åsa Öst", "RENÉE Ek", "Bo 100%", "Cia_Maria", "Dag \\ Eva"]),
    ],
)
async def test_a_part_of_a_name_finds_people_whatever_its_case_or_signs(
    database: Database, search: str, expected: list[str]
) -> None:
    people = ["Åsa Öst", "RENÉE Ek", "Bo 100%", "Cia_Maria", "Dag \\ Eva"]
    run = await store_run(database, *(make_person(name=name) for name in people))
    assert await found(database, run, search) == expected


@pytest.mark.parametrize("search", ["+46701740606", "740606", "070-174 06 06", "(070) 1740606", "4670174", "0701"])
async def test_a_part_of_a_number_finds_its_person_in_any_spelling(database: Database, search: str) -> None:
    run = await store_run(
        database, make_person("+46313900601", "+46701740606", name="Anna Ek"), make_person("+46313900602", name="Bo")
    )
    assert await found(database, run, search) == ["Anna Ek"]


async def test_a_search_finds_nobody_by_what_only_we_see(database: Database) -> None:
    """Numbers are stored with ids of ours around them: letters and digits of those are nobody's name."""
    people = [make_person(f"+4670174{place:04}", name="Xxx") for place in range(60)]
    run = await store_run(database, *people)
    for letters in ("number", "id", "bad", "ada", "bea", "abbe", "7", "{", '"', "+"):
        assert await found(database, run, letters) == [], letters
    assert await found(database, run, "740059") == ["Xxx"]


async def test_thousands_of_people_are_stored_at_once(database: Database) -> None:
    people: list[NewRecipient] = [make_person(name=f"Person {place}") for place in range(6_000)]
    run = await store_run(database, *people)
    async with database.reading() as tx:
        assert [row.name async for rows in run_lists.every_recipient(tx, run.id) for row in rows] == [
            p.name for p in people
        ]
