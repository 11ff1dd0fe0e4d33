"""Many rows at once mean the same on both databases: every type, the transaction around them, and errors."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gdial.dialing.model import NumberToRing
from gdial.dialing.states import Outcome, Reason, RecipientState
from gdial.errors import DatabaseUnavailable
from gdial.storage import recipients, runs
from gdial.storage.database import Database
from gdial.storage.recipients import NewRecipient
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import load, make_person, make_run, store_contact, store_run

ODD_MOMENT = datetime(2026, 3, 1, 23, 59, 59, 123_457, tzinfo=timezone(timedelta(hours=5, minutes=45)))
ODD_TEXTS = ["Åsa\tÖberg\\N", "", "\\.", 'one "two"\nthree', "𝄞 {} []", "NULL", "a" * 200]


async def all_stored(database: Database, ids: list[UUID]) -> list[recipients.StoredRecipient]:
    async with database.reading() as tx:
        return [await load(tx, recipient_id) for recipient_id in ids]


async def how_many(database: Database) -> int:
    async with database.reading() as tx:
        return int((await tx.execute(text("SELECT count(*) FROM recipients"))).scalar_one())


def crowd(how_many: int) -> list[NewRecipient]:
    return [make_person(f"+46701{place:06}", name=f"Person {place}") for place in range(how_many)]


async def test_every_type_comes_back_as_it_was_stored(database: Database) -> None:
    contact_id = await store_contact(database, "Anna Ek", "+46701740605")
    people = [
        replace(
            make_person("+46701740605", "+46701740606", name=name or "-", contact_id=contact_id, due_at=ODD_MOMENT),
            fields={"first_name": name, "ort": "Göteborg"},
            language="sv" if name else None,
        )
        for name in ODD_TEXTS
    ]
    done = replace(
        make_person().facts,
        numbers=(NumberToRing("+46701740607", None),),
        state=RecipientState.ENDED,
        outcome=Outcome.REACHED,
        reason=Reason.KEY,
        answer="1",
        answer_attempt_id=uuid4(),
        answer_step=0,
        due_at=None,
    )
    people.append(replace(make_person(), facts=done))
    await store_run(database, *people)
    stored = await all_stored(database, [person.id for person in people])
    assert [replace(it.facts, deadline_at=None) for it in stored] == [
        replace(person.facts, due_at=ODD_MOMENT.astimezone(UTC) if person.facts.due_at else None) for person in people
    ]
    assert [(it.name, it.fields, it.language, it.contact_id) for it in stored] == [
        (person.name, person.fields, person.language, person.contact_id) for person in people
    ]


async def test_more_rows_than_a_portion_are_all_stored_in_their_order(database: Database) -> None:
    people = crowd(4_001)
    await store_run(database, *people)
    async with database.reading() as tx:
        in_order = (await tx.execute(text("SELECT name FROM recipients ORDER BY position"))).scalars()
        assert list(in_order) == [person.name for person in people]


async def test_rows_are_undone_with_their_transaction_also_as_its_first_statement(database: Database) -> None:
    run = await store_run(database)

    async def store_and_fail() -> None:
        async with database.transaction() as tx:
            await recipients.insert_many(tx, run.id, crowd(10), NOW)
            raise KeyError("whatever went wrong")

    with pytest.raises(KeyError):
        await store_and_fail()
    assert await how_many(database) == 0


async def test_a_contact_that_is_gone_is_an_integrity_error_and_nothing_is_stored(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await store_run(database, *crowd(2_500), make_person(contact_id=uuid4()))
    assert await how_many(database) == 0
    await store_run(database, *crowd(3))
    assert await how_many(database) == 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_does_not_fit_is_our_fault_and_not_a_database_that_is_away(database: Database) -> None:
    with pytest.raises(DBAPIError, match="too long"):
        await store_run(database, make_person(name="a" * 201))
    assert await how_many(database) == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_connection_lost_before_the_rows_is_a_database_that_is_away(database: Database) -> None:
    async def store() -> None:
        async with database.transaction() as tx:
            run = make_run()
            await runs.insert(tx, run)
            pid = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            async with database.transaction() as other:
                await other.execute(text(f"SELECT pg_terminate_backend({pid}, 2000)"))
            await recipients.insert_many(tx, run.id, crowd(10), NOW)

    with pytest.raises(DatabaseUnavailable):
        await store()
    await store_run(database, *crowd(3))
    assert await how_many(database) == 3


async def test_who_is_cancelled_amid_many_rows_stores_nothing_and_holds_nobody_up(database: Database) -> None:
    people = crowd(3_000)
    for turns in (1, 5, 20):
        storing = asyncio.create_task(store_run(database, *people))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        storing.cancel()
        await asyncio.gather(storing, return_exceptions=True)
        if storing.cancelled():
            assert await how_many(database) == 0
    async with asyncio.timeout(30):
        await store_run(database, *crowd(3))
