"""Changes of attempts that arrive at once: every one of them happens, whoever it shares a transaction with."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from gdial.dialing.states import CallStatus
from gdial.errors import DatabaseUnavailable
from gdial.storage import asking, attempts, events, recipients
from gdial.storage.attempt_changes import CHANGING, Loaded, change_attempt
from gdial.storage.database import Database
from gdial.storage.events import CarrierEvent
from gdial.storage.grouping import Gatherer
from gdial.storage.transaction import Transaction
from tests.support.ports import free_port
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import claim, facts_of, make_attempt, make_person, store_run

MANY = 40
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Fault(Exception):
    pass


async def store_attempts(database: Database, count: int) -> list[UUID]:
    """Claimed, of one person each."""
    numbers = [f"+4670174{i:04}" for i in range(count)]
    people = [make_person(number) for number in numbers]
    run = await store_run(database, *people)
    new = [make_attempt(run, person, number) for person, number in zip(people, numbers, strict=True)]
    for one in new:
        assert await claim(database, one)
    return [one.facts.id for one in new]


def a_word(attempt_id: UUID, name: str) -> CarrierEvent:
    return CarrierEvent(attempt_id, name, "status", "CA1", {"said": name}, NOW)


async def feed_once_more(tx: Transaction, loaded: Loaded | None) -> int:
    """Read, add one, write: what two that see the same value would lose. The new value."""
    assert loaded is not None
    recipient, attempt = loaded
    feeds = recipient.facts.feeds + 1
    await recipients.save(tx, recipient, replace(recipient.facts, feeds=feeds), NOW)
    await attempts.save(tx, attempt.facts, replace(attempt.facts, status=CallStatus.RINGING), NOW)
    return feeds


async def hear(database: Database, attempt_id: UUID, name: str) -> bool:
    """Whether the word is new."""

    async def store(tx: Transaction, loaded: Loaded | None) -> bool:
        is_new = await events.insert_if_new(tx, a_word(attempt_id, name), decided_at=NOW)
        if is_new:
            await feed_once_more(tx, loaded)
        return is_new

    return await change_attempt(database, attempt_id, store)


async def feeds_of(database: Database, ids: Sequence[UUID]) -> list[int]:
    async with database.reading() as tx:
        stored = [await attempts.get(tx, attempt_id) for attempt_id in ids]
    return [(await facts_of(database, one.recipient_id)).feeds for one in stored if one is not None]


async def test_everything_that_arrives_at_once_is_stored_once(database: Database) -> None:
    ids = await store_attempts(database, MANY)
    words = [(attempt_id, name) for attempt_id in ids for name in ("ringing", "answered", "ringing")]
    new = await asyncio.gather(*[hear(database, *word) for word in words])
    assert Counter(new) == {True: 2 * MANY, False: MANY}
    assert await feeds_of(database, ids) == [2] * MANY


async def test_changes_of_one_attempt_see_each_other(database: Database) -> None:
    (attempt_id,) = await store_attempts(database, 1)
    counted = await asyncio.gather(*[change_attempt(database, attempt_id, feed_once_more) for _ in range(MANY)])
    assert sorted(counted) == list(range(1, MANY + 1))


async def test_two_attempts_of_one_person_see_each_other(database: Database) -> None:
    person = make_person()
    run = await store_run(database, person)
    made = [make_attempt(run, person, f"+4670174060{i}") for i in range(8)]
    for new in made:
        assert await claim(database, new)
    await asyncio.gather(*[change_attempt(database, new.facts.id, feed_once_more) for new in made * 3])
    assert (await facts_of(database, person.id)).feeds == 24


async def test_a_fault_of_one_is_its_own(database: Database) -> None:
    ids = await store_attempts(database, MANY)

    async def change(place: int) -> int:
        async def work(tx: Transaction, loaded: Loaded | None) -> int:
            feeds = await feed_once_more(tx, loaded)
            if place % 10 == 3:
                raise Fault(place)
            return feeds

        return await change_attempt(database, ids[place], work)

    results = await asyncio.gather(*[change(place) for place in range(MANY)], return_exceptions=True)
    assert [place for place, result in enumerate(results) if isinstance(result, Fault)] == [3, 13, 23, 33]
    assert await feeds_of(database, ids) == [0 if place % 10 == 3 else 1 for place in range(MANY)]


async def test_a_fault_while_others_wait_for_their_answers_is_its_own(database: Database) -> None:
    ids = await store_attempts(database, MANY)

    async def change(place: int) -> int:
        async def work(tx: Transaction, loaded: Loaded | None) -> int:
            for _ in range(place % 7):
                await events.of_attempt(tx, ids[place], "status")
            if place in (17, 31):
                raise Fault(place)
            return await feed_once_more(tx, loaded)

        return await change_attempt(database, ids[place], work)

    results = await asyncio.gather(*[change(place) for place in range(MANY)], return_exceptions=True)
    assert [place for place, result in enumerate(results) if isinstance(result, Fault)] == [17, 31]
    assert await feeds_of(database, ids) == [0 if place in (17, 31) else 1 for place in range(MANY)]


async def test_who_is_not_there_is_told_so_beside_the_others(database: Database) -> None:
    ids = await store_attempts(database, 5)

    async def is_there(_: Transaction, loaded: Loaded | None) -> bool:
        return loaded is not None

    asked = [*ids, uuid4(), uuid4()]
    found = await asyncio.gather(*[change_attempt(database, attempt_id, is_there) for attempt_id in asked])
    assert found == [True] * 5 + [False] * 2


async def test_what_needs_a_transaction_of_its_own_gets_one(database: Database) -> None:
    ids = await store_attempts(database, MANY)

    async def with_savepoint(tx: Transaction, loaded: Loaded | None) -> int:
        async with tx.begin_nested():
            return await feed_once_more(tx, loaded)

    assert await asyncio.gather(*[change_attempt(database, one, with_savepoint) for one in ids]) == [1] * MANY


async def test_processes_that_change_the_same_attempts_never_wait_in_a_circle(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    ids = await store_attempts(first, MANY)
    await asyncio.gather(
        *[change_attempt(first, one, feed_once_more) for one in ids * 3],
        *[change_attempt(second, one, feed_once_more) for one in reversed(ids * 3)],
    )
    assert await feeds_of(first, ids) == [6] * MANY
    await first.close()
    await second.close()


@ON_POSTGRESQL
async def test_who_moves_many_attempts_waits_in_no_circle_with_those_who_change_them(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    ids = await store_attempts(first, MANY)

    async def move_all() -> None:
        for place in range(12):
            async with second.transaction() as tx:
                moved = ids if place % 2 else list(reversed(ids))
                await asking.put_off(tx, moved[: MANY // 2], NOW)
                await asking.ask_about_all_placed(tx, NOW)
                await asking.put_off(tx, moved[MANY // 2 :], NOW)

    with capture_logs() as said:
        await asyncio.gather(
            move_all(), move_all(), *[change_attempt(first, one, feed_once_more) for one in ids * 6], move_all()
        )
    assert [line for line in said if line["event"] == "transactions run one by one"] == []
    assert await feeds_of(first, ids) == [6] * MANY
    await first.close()
    await second.close()


async def test_with_nobody_there_everybody_is_told_and_nobody_waits_in_line() -> None:
    database = Database(f"postgresql://gdial@127.0.0.1:{free_port()}/gdial")
    told = await asyncio.gather(*[hear(database, uuid4(), "ringing") for _ in range(MANY)], return_exceptions=True)
    assert {type(each) for each in told} == {DatabaseUnavailable}
    await database.close()


class CountingDatabase(Database):
    """Counts the transactions that it begins."""

    begun = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self.begun += 1
        async with super().transaction() as tx:
            yield tx


@pytest.fixture
async def counting(database_url: str) -> AsyncIterator[CountingDatabase]:
    database = CountingDatabase(database_url)
    yield database
    await database.close()


@ON_POSTGRESQL
async def test_those_that_wait_share_transactions_and_one_alone_waits_for_nobody(counting: CountingDatabase) -> None:
    ids = await store_attempts(counting, MANY)
    gatherer = Gatherer(counting.transaction)
    counting.begun = 0
    assert await gatherer.run(CHANGING, ids[0], feed_once_more) == 1
    assert counting.begun == 1
    await asyncio.gather(*[gatherer.run(CHANGING, one, feed_once_more) for one in ids])
    assert counting.begun <= 1 + 4 + 1
    assert await feeds_of(counting, ids) == [2] + [1] * (MANY - 1)


@ON_POSTGRESQL
async def test_a_caller_that_goes_away_stops_nobody(counting: CountingDatabase) -> None:
    ids = await store_attempts(counting, MANY)
    gatherer = Gatherer(counting.transaction)
    callers = [asyncio.create_task(gatherer.run(CHANGING, one, feed_once_more)) for one in ids]
    await asyncio.sleep(0)
    for caller in callers[::2]:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await gatherer.close()
    assert await feeds_of(counting, ids) == [1] * MANY
