"""What watches the machine: the database and the clock, on a time that the tests turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gdial.actions.watch_clock import ClockWatch
from gdial.actions.watch_database import QUIET_SECONDS, DatabaseWatch
from gdial.monitoring.alarms import Alarms
from gdial.runtime import Runtime
from gdial.storage import clock, recipients
from gdial.storage.trouble import Troubles
from tests.support.dialling import Dialling, dialling
from tests.support.receiver import Receiver, receiver
from tests.support.stored_runs import make_person


class Seconds:
    """A monotonic clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as listening:
        yield listening


@pytest.fixture
async def office(tmp_path: Path, database_url: str, hook: Receiver) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url) as opened:
        alarms = Alarms(hook.url)
        yield replace(opened, rt=replace(opened.rt, alarms=alarms))
        await alarms.close()


async def told(rt: Runtime, hook: Receiver) -> list[Any]:
    await rt.alarms.close()
    return [(heard.json["alarm"], heard.json.get("is_over", False)) for heard in hook.heard]


async def test_a_database_that_is_away_is_told_of_and_so_is_its_return(office: Dialling, hook: Receiver) -> None:
    seconds = Seconds()
    office.rt.database.troubles = Troubles(seconds)
    watch = DatabaseWatch(office.rt, seconds)
    for _ in range(10):
        office.rt.database.troubles.note("connection refused")
        seconds.now += 1
        await watch.look()
    assert await told(office.rt, hook) == [("database away", False)]
    seconds.now += QUIET_SECONDS + 1
    await watch.look()
    await watch.look()
    assert await told(office.rt, hook) == [("database away", False), ("database away", True)]


async def test_a_short_gap_is_no_alarm_and_a_full_disk_is_one_at_once(office: Dialling, hook: Receiver) -> None:
    seconds = Seconds()
    office.rt.database.troubles = Troubles(seconds)
    watch = DatabaseWatch(office.rt, seconds)
    office.rt.database.troubles.note("connection refused")
    seconds.now += 2
    await watch.look()
    assert await told(office.rt, hook) == []
    office.rt.database.troubles.note("database or disk is full", is_full=True)
    await watch.look()
    assert await told(office.rt, hook) == [("disk full", False)]


async def test_waits_move_with_a_clock_that_is_set_back(office: Dialling) -> None:
    person = make_person()
    await office.store_run(person)
    now = office.clock()
    async with office.rt.database.transaction() as tx:
        stored = await recipients.get(tx, person.id, lock=True)
        assert stored is not None
        await recipients.save(tx, stored, replace(stored.facts, due_at=now + timedelta(seconds=90)), now)
    earlier = now - timedelta(hours=1)
    async with office.rt.database.transaction() as tx:
        assert await clock.move_back(tx, earlier, timedelta(hours=1)) == 2  # the deadline of the run too
        moved = await recipients.get(tx, person.id)
    assert moved is not None
    assert moved.facts.due_at == earlier + timedelta(seconds=90)


async def test_the_databases_clock_decides_where_it_has_one(office: Dialling, hook: Receiver) -> None:
    """These tests' clock is set back; that of PostgreSQL is not, and SQLite has none."""
    person = make_person()
    await office.store_run(person)
    await office.place(person)
    watch = ClockWatch(office.rt)
    assert not await watch.look()
    office.clock.turn(seconds=-3)
    assert not await watch.look()
    office.clock.turn(hours=-1)
    assert await watch.look()
    assert not await watch.look()
    assert await told(office.rt, hook) == [("clock set back", False)]
    says = hook.heard[0].json["text"]
    assert ("waits were moved" in says) is office.rt.database.is_sqlite
