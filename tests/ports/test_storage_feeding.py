"""Who is due, in which order, and fed to one queue only, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from gdial.dialing.redial import MOST_FEEDS
from gdial.dialing.states import Outcome, RecipientState, RunMode, RunState
from gdial.storage import feeding
from gdial.storage.database import Database
from gdial.storage.recipients import NewRecipient
from tests.support.locks import until_waiting
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import ended, facts_of, load, make_person, store_run

SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)


async def due(database: Database, limit: int = 100, least_priority: int = 1) -> list[str]:
    """The names of those who are due, in order."""
    async with database.transaction() as tx:
        taken = await feeding.take_due(tx, RunMode.REAL, NOW, limit, least_priority)
        return [(await load(tx, person.id)).name for person in taken]


async def feed(database: Database, limit: int, hold_seconds: float = 0) -> list[UUID]:
    """As the feeder does it: take, keep for a moment, mark."""
    async with database.transaction() as tx:
        ids = [person.id for person in await feeding.take_due(tx, RunMode.REAL, NOW, limit)]
        await asyncio.sleep(hold_seconds)
        await feeding.mark_fed(tx, ids, NOW + LEASE)
        return ids


def named(name: str, **facts: object) -> NewRecipient:
    return make_person(name=name, **facts)  # type: ignore[arg-type]


async def test_the_order_is_urgency_then_turn_then_the_longest_due_then_place_in_the_list(database: Database) -> None:
    await store_run(
        database,
        named("second number", number_index=1, due_at=NOW - 9 * SECOND),
        named("second round", round=1, due_at=NOW - 9 * SECOND),
        named("first, due now"),
        named("first, due long", due_at=NOW - SECOND),
        named("first, due now too"),
    )
    await store_run(database, named("other run, due longer", due_at=NOW - 2 * SECOND), created_at=NOW + SECOND)
    await store_run(database, named("urgent, second round", round=1), priority=8, created_at=NOW + SECOND)
    order = [
        "urgent, second round",
        "other run, due longer",
        "first, due long",
        "first, due now",
        "first, due now too",
        "second number",
        "second round",
    ]
    assert await due(database) == order
    assert await due(database, limit=3) == order[:3]
    assert await due(database, least_priority=8) == order[:1]


async def test_only_who_may_be_rung_now_is_due(database: Database) -> None:
    later = NOW + timedelta(microseconds=1)
    await store_run(
        database,
        named("due"),
        named("not yet", due_at=later),
        named("being rung", state=RecipientState.CALLING, due_at=None),
        ended(named("reached"), Outcome.REACHED),
    )
    for state in (RunState.PAUSED, RunState.SCHEDULED, RunState.STOPPED, RunState.DONE):
        await store_run(database, named(state), state=state)
    await store_run(database, named("drill"), mode=RunMode.DRILL)
    assert await due(database) == ["due"]


async def test_who_is_fed_is_due_again_when_the_lease_ends_without_an_attempt(database: Database) -> None:
    person = make_person()
    await store_run(database, person)
    assert await feed(database, 10) == [person.id]
    assert await feed(database, 10) == []
    async with database.transaction() as tx:
        assert await feeding.count_fed(tx, RunMode.REAL, NOW + LEASE - SECOND) == 1
        assert await feeding.take_due(tx, RunMode.REAL, NOW + LEASE - SECOND, 10) == []
        assert await feeding.count_fed(tx, RunMode.REAL, NOW + LEASE) == 0
        (again,) = await feeding.take_due(tx, RunMode.REAL, NOW + LEASE, 10)
    assert again.feeds == 1


async def test_lapses_are_counted_and_forgotten_with_the_queue(database: Database) -> None:
    person = make_person()
    await store_run(database, person)
    for lapses in range(MOST_FEEDS):
        async with database.transaction() as tx:
            (taken,) = await feeding.take_due(tx, RunMode.REAL, NOW + lapses * LEASE, 10)
            assert taken.feeds == lapses
            await feeding.mark_fed(tx, [taken.id], NOW + (lapses + 1) * LEASE)
    async with database.transaction() as tx:
        await feeding.forget_feeds(tx)
    assert (await facts_of(database, person.id)).feeds == 0
    assert await feed(database, 10) == [person.id]


async def test_the_window_counts_those_who_wait_on_the_queue_of_their_network(database: Database) -> None:
    waiting, rung = make_person(), make_person()
    await store_run(database, waiting, rung)
    drilled = make_person()
    await store_run(database, drilled, mode=RunMode.DRILL)
    async with database.transaction() as tx:
        await feeding.mark_fed(tx, [waiting.id, rung.id, drilled.id], NOW + LEASE)
        assert await feeding.count_fed(tx, RunMode.REAL, NOW) == 2
        assert await feeding.count_fed(tx, RunMode.DRILL, NOW) == 1
        await feeding.mark_fed(tx, [], NOW + LEASE)
        assert await feeding.count_fed(tx, RunMode.REAL, NOW) == 2


async def test_two_feeders_at_once_feed_nobody_twice(database_url: str) -> None:
    """Two processes take portions at the same time until nobody is left."""
    processes = [Database(database_url), Database(database_url)]
    people = [make_person(name=f"Person {n}") for n in range(60)]
    await store_run(processes[0], *people)
    fed: list[UUID] = []

    async def feed_until_nobody_is_left(process: Database) -> None:
        while ids := await feed(process, 7, hold_seconds=0.002):
            fed.extend(ids)

    await asyncio.gather(*(feed_until_nobody_is_left(process) for process in processes for _ in range(2)))
    assert len(fed) == len(set(fed)) == 60
    for process in processes:
        await process.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_feeder_does_not_wait_for_people_whom_somebody_else_holds(database: Database) -> None:
    held, free = make_person(), make_person()
    await store_run(database, held, free)
    async with database.transaction() as holder:
        await load(holder, held.id, lock=True)
        assert await feed(database, 10) == [free.id]
        async with database.transaction() as tx:
            assert await feeding.most_urgent(tx, RunMode.REAL, 0, NOW) == free.id


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_is_the_only_urgent_one_is_waited_for(database: Database) -> None:
    """The feeder holds those whom it feeds for a moment; nobody less urgent may slip in then."""
    urgent = make_person()
    await store_run(database, urgent, priority=9)

    async def look() -> UUID | None:
        async with database.transaction() as tx:
            return await feeding.most_urgent(tx, RunMode.REAL, 1, NOW)

    async with database.transaction() as holder:
        await load(holder, urgent.id, lock=True)
        looking = asyncio.create_task(look())
        await until_waiting(database, 1)
    assert await looking == urgent.id


async def test_the_most_urgent_is_found_above_a_priority_though_they_are_on_the_queue(database: Database) -> None:
    ordinary, urgent, more_urgent = make_person(), make_person(), make_person(due_at=NOW + SECOND)
    await store_run(database, ordinary)
    await store_run(database, urgent, make_person(round=1), priority=8)
    await store_run(database, more_urgent, priority=9)
    async with database.transaction() as tx:
        await feeding.mark_fed(tx, [urgent.id], NOW + LEASE)
        assert await feeding.most_urgent(tx, RunMode.REAL, 1, NOW) == urgent.id
        assert await feeding.most_urgent(tx, RunMode.REAL, 8, NOW) is None
        assert await feeding.most_urgent(tx, RunMode.REAL, 8, NOW + SECOND) == more_urgent.id
        assert await feeding.most_urgent(tx, RunMode.DRILL, 1, NOW) is None
