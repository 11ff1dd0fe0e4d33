"""Every ordinary line is busy: whoever's doorbell rings, the urgent run's people go first, over the lines kept for
them. On SQLite with the limiter inside the process, on PostgreSQL with the shared one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gdial.actions.feed_queue import feed_queue
from gdial.carriers.shared_pace import SharedPace
from gdial.dialing.states import CallStatus, RecipientState, RunMode
from gdial.errors import DatabaseUnavailable
from gdial.runtime import Runtime
from gdial.storage import feeding, recipients
from gdial.storage.database import Database
from gdial.storage.pace import PaceGates
from gdial.storage.recipients import NewRecipient
from gdial.storage.tables import line_leases
from tests.support.dialling import Dialling, dialling
from tests.support.locks import until_waiting
from tests.support.stored_runs import facts_of, make_person

LINES, ORDINARY_LINES = 20, 18
URGENT = 9


def crowd(how_many: int, series: str) -> list[NewRecipient]:
    return [make_person(f"+467{series}{place:06}", name=f"Person {place}") for place in range(how_many)]


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url, lines=LINES) as running:
        yield (
            running
            if running.rt.database.is_sqlite
            else replace(running, rt=sharing_the_pace(running.rt, PaceGates(running.rt.database)))
        )


@pytest.fixture
async def busy_office(office: Dialling) -> Dialling:
    """Every ordinary line is busy."""
    people = crowd(ORDINARY_LINES, "10")
    await office.store_run(*people)
    assert [await office.place(person) for person in people] == [True] * ORDINARY_LINES
    return office


def sharing_the_pace(rt: Runtime, gates: PaceGates) -> Runtime:
    networks = {
        mode: replace(network, pace=SharedPace(gates, mode, 1_000, LINES)) for mode, network in rt.networks.items()
    }
    return replace(rt, networks=networks)


async def states(office: Dialling, people: list[NewRecipient]) -> list[RecipientState]:
    return [(await facts_of(office.rt.database, person.id)).state for person in people]


async def test_an_ordinary_doorbell_gets_no_line_and_its_person_stays_due(busy_office: Dialling) -> None:
    (waiting,) = crowd(1, "11")
    await busy_office.store_run(waiting)
    now = busy_office.clock()
    async with busy_office.rt.database.transaction() as tx:
        await feeding.mark_fed(tx, [waiting.id], now + timedelta(seconds=30))
    assert not await busy_office.place(waiting)
    assert await states(busy_office, [waiting]) == [RecipientState.WAITING]
    async with busy_office.rt.database.reading() as tx:
        assert await feeding.count_fed(tx, RunMode.REAL, now) == 0
    assert await feed_queue(busy_office.rt) == 0, "nobody is fed for whom there is no line"


async def test_ordinary_doorbells_ring_the_urgent_over_the_kept_lines_and_nobody_else(busy_office: Dialling) -> None:
    ordinary, urgent = crowd(4, "11"), crowd(2, "12")
    await busy_office.store_run(*ordinary)
    await busy_office.store_run(*urgent, priority=URGENT)
    rung = await asyncio.gather(*(busy_office.place(person) for person in ordinary))
    assert sorted(rung) == [False, False, True, True]
    assert await states(busy_office, urgent) == [RecipientState.CALLING] * 2
    assert await states(busy_office, ordinary) == [RecipientState.WAITING] * 4


async def test_the_urgent_are_fed_for_the_kept_lines_whatever_lies_on_the_queue(busy_office: Dialling) -> None:
    ordinary, urgent = crowd(100, "11"), crowd(5, "12")
    await busy_office.store_run(*ordinary)
    async with busy_office.rt.database.transaction() as tx:
        until = busy_office.clock() + timedelta(seconds=30)
        await feeding.mark_fed(tx, [person.id for person in ordinary], until)
    await busy_office.store_run(*urgent, priority=URGENT)
    assert await feed_queue(busy_office.rt) == LINES - ORDINARY_LINES
    assert await feed_queue(busy_office.rt) == 0


async def test_a_line_that_becomes_free_goes_to_the_urgent_first(busy_office: Dialling) -> None:
    (ordinary,), urgent = crowd(1, "11"), crowd(3, "12")
    await busy_office.store_run(ordinary)
    run = await busy_office.store_run(*urgent, priority=URGENT)
    assert [await busy_office.place(person) for person in urgent] == [True, True, False]
    call = (await busy_office.calls(run))[0]
    await busy_office.hear(call.id, str(call.call_sid), CallStatus.COMPLETED)
    assert await busy_office.place(ordinary)
    assert (await states(busy_office, urgent))[2] is RecipientState.CALLING
    assert await states(busy_office, [ordinary]) == [RecipientState.WAITING]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_call_whose_line_has_lapsed_is_not_placed(office: Dialling) -> None:
    """The process was held up between the slot and the claim; others may use the line by now."""

    (person,) = crowd(1, "11")
    run = await office.store_run(person)
    about_to_lapse = PaceGates(office.rt.database, lease_seconds=1)
    assert not await replace(office, rt=sharing_the_pace(office.rt, about_to_lapse)).place(person)
    assert (await office.calls(run), office.carrier.creates) == ([], [])
    assert await office.place(person)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_without_a_word_from_the_shared_pace_nobody_is_rung(office: Dialling) -> None:
    (person,) = crowd(1, "11")
    run = await office.store_run(person)
    nobody = Database("postgresql://gdial@127.0.0.1:1/gdial")
    with pytest.raises(DatabaseUnavailable):
        await replace(office, rt=sharing_the_pace(office.rt, PaceGates(nobody))).place(person)
    await nobody.close()
    assert await office.calls(run) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_no_line_stays_held_when_calls_are_placed_or_not(busy_office: Dialling) -> None:
    (taken,) = crowd(1, "10")
    await busy_office.store_run(taken, priority=URGENT)
    assert not await busy_office.place(taken), "the number is being rung already"
    async with busy_office.rt.database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(line_leases))).scalar_one() == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_holds_the_ordinary_person_may_take_the_urgent_one_too_without_a_deadlock(
    busy_office: Dialling,
) -> None:
    """As the callbacks of both do, in one transaction: in the order of ids."""
    ordinary, urgent = sorted(crowd(1, "11") + crowd(1, "12"), key=lambda person: person.id)
    await busy_office.store_run(ordinary)
    await busy_office.store_run(urgent, priority=URGENT)
    database = busy_office.rt.database
    async with database.transaction() as tx:
        await recipients.get(tx, ordinary.id, lock=True)
        ringing = asyncio.create_task(busy_office.place(ordinary))
        await until_waiting(database, 1)
        await recipients.get(tx, urgent.id, lock=True)
    assert await ringing
    assert await states(busy_office, [urgent, ordinary]) == [RecipientState.CALLING, RecipientState.WAITING]
