"""Words of carriers and keys of clients are kept once, on both databases, however often and whenever they come."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from gdial.storage import events, idempotency
from gdial.storage.database import Database
from gdial.storage.events import CarrierEvent
from gdial.storage.idempotency import KnownKey
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import claim, make_attempt, make_person, store_run

SID = "CA" + "1" * 32
SECOND = timedelta(seconds=1)
DAY = timedelta(hours=24)


async def make_word(database: Database, event_id: str = f"{SID}:ringing") -> CarrierEvent:
    person = make_person()
    new = make_attempt(await store_run(database, person), person)
    assert await claim(database, new)
    return CarrierEvent(new.facts.id, event_id, "status", SID, {"status": "ringing", "said_at": None}, NOW)


async def store(database: Database, word: CarrierEvent, *, decided: bool = True) -> bool:
    async with database.transaction() as tx:
        return await events.insert_if_new(tx, word, decided_at=NOW if decided else None)


async def test_a_word_is_stored_once_and_stays_as_it_was(database: Database) -> None:
    word = await make_word(database)
    assert await store(database, word)
    assert not await store(database, replace(word, facts={"status": "failed"}, received_at=NOW + SECOND))
    async with database.reading() as tx:
        assert await events.of_attempt(tx, word.attempt_id, "status") == [word]


async def test_one_word_delivered_many_times_at_once_is_new_to_one(database_url: str) -> None:
    processes = [Database(database_url), Database(database_url)]
    word = await make_word(processes[0])
    assert (await asyncio.gather(*(store(processes[n % 2], word) for n in range(20)))).count(True) == 1
    for process in processes:
        await process.close()


async def test_words_of_one_kind_come_in_the_order_they_came(database: Database) -> None:
    word = await make_word(database)
    keys = [replace(word, event_id=f"key:{n}", kind="key", facts={"step": n}) for n in range(3)]
    for place, key in enumerate(reversed(keys)):
        await store(database, replace(key, received_at=NOW + place * SECOND))
    await store(database, word)
    async with database.reading() as tx:
        found = await events.of_attempt(tx, word.attempt_id, "key")
    assert [event.facts["step"] for event in found] == [2, 1, 0]


async def test_undecided_words_are_found_the_oldest_first_until_they_are_decided(database: Database) -> None:
    word = await make_word(database)
    words = [replace(word, event_id=str(n), received_at=NOW - n * SECOND) for n in range(4)]
    for one in words:
        await store(database, one, decided=False)
    await store(database, replace(word, event_id="decided", received_at=NOW - 9 * SECOND))
    async with database.transaction() as tx:
        assert await events.undecided(tx, NOW - SECOND, 10) == [words[3], words[2], words[1]]
        assert await events.undecided(tx, NOW, 2) == [words[3], words[2]]
        await events.mark_decided(tx, word.attempt_id, words[3].event_id, NOW)
        assert await events.undecided(tx, NOW - SECOND, 10) == [words[2], words[1]]


async def find(database: Database, key: str, since: timedelta = DAY) -> KnownKey | None:
    async with database.reading() as tx:
        return await idempotency.find(tx, key, NOW - since)


async def remember(database: Database, key: str, known: KnownKey) -> None:
    async with database.transaction() as tx:
        await idempotency.insert(tx, key, known, NOW)


async def test_a_key_is_known_for_its_time(database: Database) -> None:
    known = KnownKey("a" * 64, (await store_run(database)).id)
    assert await find(database, "larm") is None
    await remember(database, "larm", known)
    assert await find(database, "larm", since=timedelta()) == known
    assert await find(database, "annat") is None
    assert await find(database, "larm", since=-SECOND) is None
    with pytest.raises(IntegrityError):
        await remember(database, "larm", known)
    async with database.transaction() as tx:
        await idempotency.forget(tx, NOW)
    assert await find(database, "larm") == known
    async with database.transaction() as tx:
        await idempotency.forget(tx, NOW + SECOND)
    await remember(database, "larm", known)


async def test_of_transactions_that_race_for_one_key_one_has_it(database_url: str) -> None:
    processes = [Database(database_url), Database(database_url)]
    known = [KnownKey(str(n) * 64, (await store_run(processes[0])).id) for n in range(8)]

    async def look_then_insert(n: int) -> bool:
        try:
            async with processes[n % 2].transaction() as tx:
                if await idempotency.find(tx, "larm", NOW - DAY) is not None:
                    return False
                await asyncio.sleep(0.01)
                await idempotency.insert(tx, "larm", known[n], NOW)
        except IntegrityError:
            return False
        return True

    won = await asyncio.gather(*(look_then_insert(n) for n in range(8)))
    assert won.count(True) == 1
    assert await find(processes[0], "larm") == known[won.index(True)]
    for process in processes:
        await process.close()
