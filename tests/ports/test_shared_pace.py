"""The limiter that several processes share on PostgreSQL: exact over all of them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Interval, func, literal, select, update

from gdial.carriers.shared_pace import SharedPace
from gdial.dialing.pacing import Pace, Slot
from gdial.dialing.states import RunMode
from gdial.errors import DatabaseUnavailable
from gdial.storage.database import Database
from gdial.storage.pace import PaceGates, forget_lapsed, use_line
from gdial.storage.tables import line_leases, pace_gates
from tests.ports.pace_port import (
    NO_WAIT_PER_SECOND,
    ORDINARY,
    SOON_SECONDS,
    URGENT,
    PacedNetwork,
    PacePortSuite,
    assert_pace_is_kept,
    take,
)
from tests.support.paced_calls import Calls
from tests.support.services import PrivatePostgres
from tests.support.stored_runs import make_person, store_run

PROCESSES = 4


class SharedNetwork(PacedNetwork):
    """One database with a run in it; `more()` opens it once more, as another process does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.person = make_person()
        self.databases: list[Database] = []
        super().__init__(self.shared_pace, self._claim, self._end_call)

    async def open(self) -> None:
        self.database = self.more()
        self.run = await store_run(self.database, self.person)
        self.calls = Calls(self.database, self.run.id, self.person.id)

    def more(self) -> Database:
        self.databases.append(Database(self.url))
        return self.databases[-1]

    def shared_pace(self, per_second: float, lines: int) -> SharedPace:
        return SharedPace(PaceGates(self.more()), RunMode.REAL, per_second, lines)

    async def close(self) -> None:
        for database in self.databases:
            await database.close()

    async def _claim(self, _pace: Pace, slot: Slot) -> None:
        await self.calls.claim(slot)

    async def _end_call(self, _pace: Pace) -> None:
        await self.calls.end_one()


@pytest.fixture
async def network(postgres_server: PrivatePostgres, postgres_template: str) -> AsyncIterator[SharedNetwork]:
    shared = SharedNetwork(postgres_server.create_database(postgres_template))
    await shared.open()
    yield shared
    await shared.close()
    postgres_server.drop_database(shared.url)


class TestSharedPace(PacePortSuite):
    pass


async def test_several_dialling_at_once_keep_one_pace_and_one_number_of_lines(network: SharedNetwork) -> None:
    per_second, lines = 30.0, 12
    paces = [network.shared_pace(per_second, lines) for _ in range(PROCESSES)]
    placed = await asyncio.gather(
        *(network.calls.place(pace, URGENT if n % 3 else ORDINARY) for pace in paces for n in range(15))
    )
    assert_pace_is_kept([left_at for left_at, _ in placed], per_second)
    assert max(open_calls for _, open_calls in placed) <= lines
    assert await network.shared_pace(per_second, lines).free_lines(URGENT) == lines, "nothing is left behind"


async def test_processes_of_their_own_keep_one_pace_and_one_number_of_lines(network: SharedNetwork) -> None:
    per_second, lines, calls = 30, 10, 10
    arguments = [network.url, network.run.id, network.person.id, per_second, lines, calls]
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.paced_calls", *map(str, arguments), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    outputs = [(await process.communicate())[0].decode().split() for process in processes]
    departures = [float(word) for output in outputs for word in output[::2]]
    assert len(departures) == 3 * calls
    assert_pace_is_kept(departures, per_second)
    assert max(int(word) for output in outputs for word in output[1::2]) <= lines - 1, "one line is kept"


@pytest.mark.parametrize("gate", ["slot", "departure"])
async def test_a_gate_far_in_the_future_delays_nothing_for_long(network: SharedNetwork, gate: str) -> None:
    pace = network.shared_pace(4, 100)
    assert await network.call(pace, ORDINARY)
    year = timedelta(days=365)
    async with network.database.transaction() as tx:
        moved = update(pace_gates).where(pace_gates.c.gate == gate).values(next_at=func.now() + year)
        assert (await tx.execute(moved)).rowcount == 1
    began_at = time.monotonic()
    for _ in range(3):
        assert await network.call(pace, ORDINARY)
    assert 0.5 < time.monotonic() - began_at < SOON_SECONDS, "and the pace is kept from there"


async def test_a_line_held_far_into_the_future_is_free_and_rings_nobody(network: SharedNetwork) -> None:
    """The clock of the database jumped back an hour after it was taken."""
    pace = network.shared_pace(NO_WAIT_PER_SECOND, 1)
    held_before_the_jump = await take(pace)
    assert held_before_the_jump.lease_id is not None
    async with network.database.transaction() as tx:
        hour = timedelta(hours=1)
        moved = update(line_leases).values(lapses_at=line_leases.c.lapses_at + literal(hour, Interval))
        assert (await tx.execute(moved)).rowcount == 1
    held_after_it = await take(pace)
    assert held_after_it.lease_id is not None
    async with network.database.transaction() as tx:
        assert not await use_line(tx, held_before_the_jump.lease_id), "its line is somebody else's by now"
        assert await use_line(tx, held_after_it.lease_id)


async def test_the_line_of_a_process_that_died_is_free_when_its_lease_lapses(network: SharedNetwork) -> None:
    short = SharedPace(
        PaceGates(network.database, lease_seconds=0.3), RunMode.REAL, per_second=NO_WAIT_PER_SECOND, lines=1
    )
    died_with = await take(short)
    assert await short.take_slot(URGENT) is None
    async with asyncio.timeout(SOON_SECONDS):
        await until_there_is_a_slot(short)
    assert died_with.lease_id is not None
    async with network.database.transaction() as tx:
        assert not await use_line(tx, died_with.lease_id), "it was not dead, but it is too late"


async def until_there_is_a_slot(pace: Pace) -> None:
    if await pace.take_slot(URGENT) is None:
        await asyncio.sleep(0.02)
        await until_there_is_a_slot(pace)


async def test_leases_that_lapsed_long_ago_are_removed_and_others_are_not(network: SharedNetwork) -> None:
    await take(SharedPace(PaceGates(network.database, lease_seconds=-60), RunMode.REAL, NO_WAIT_PER_SECOND, 10))
    held = await take(network.shared_pace(NO_WAIT_PER_SECOND, 10))
    async with network.database.transaction() as tx:
        await forget_lapsed(tx, datetime.now(UTC))
        assert list((await tx.execute(select(line_leases.c.id))).scalars()) == [held.lease_id]


async def test_drills_and_real_calls_have_paces_and_lines_of_their_own(network: SharedNetwork) -> None:
    real = SharedPace(PaceGates(network.database), RunMode.REAL, 0.05, 1)
    drill = SharedPace(PaceGates(network.database), RunMode.DRILL, 0.05, 1)
    await take(drill)
    await take(real)
    assert await drill.free_lines(URGENT) == await real.free_lines(URGENT) == 0


async def test_what_one_process_is_refused_for_slows_all_of_them_and_no_drill(network: SharedNetwork) -> None:
    refused, other = network.shared_pace(10, 100), network.shared_pace(10, 100)
    drill = SharedPace(PaceGates(network.database), RunMode.DRILL, 10, 100)
    for pace in (refused, other, drill):
        await take(pace)
    assert await refused.slow_down() == pytest.approx(5, rel=0.01)
    for pace in (other, drill):
        assert await pace.free_lines(ORDINARY) > 0
    assert 5 <= other.per_second < 8
    assert drill.per_second == 10
    began_at = time.monotonic()
    for _ in range(6):  # so many that what is forgiven to a late start does not count
        await take(other)
    assert time.monotonic() - began_at > 5.5 / 10, "slower than the set pace would have let them start"


async def test_without_the_database_there_is_no_slot_and_that_is_told(network: SharedNetwork) -> None:
    pace = network.shared_pace(NO_WAIT_PER_SECOND, 10)
    slot = await take(pace)
    nobody = Database("postgresql://gdial@127.0.0.1:1/gdial")
    gates = PaceGates(nobody)
    away = SharedPace(gates, RunMode.REAL, NO_WAIT_PER_SECOND, 10)
    for question in (away.take_slot(URGENT), away.depart(), away.free_lines(URGENT)):
        with pytest.raises(DatabaseUnavailable):
            await question
    await away.give_back(slot)
    await nobody.close()


async def moment_of(network: SharedNetwork, gate: str) -> datetime:
    async with network.database.reading() as tx:
        found: datetime = (await tx.execute(select(pace_gates.c.next_at).where(pace_gates.c.gate == gate))).scalar_one()
    return found


async def test_nothing_is_reserved_ahead_by_those_who_wait(network: SharedNetwork) -> None:
    paces = [network.shared_pace(0.5, 100) for _ in range(PROCESSES)]
    await take(paces[0])
    reserved_until = await moment_of(network, "slot")
    waiting = [asyncio.create_task(pace.take_slot(ORDINARY)) for pace in paces for _ in range(3)]
    await asyncio.sleep(0.2)
    assert await moment_of(network, "slot") == reserved_until
    for pace in paces:
        pace.stop_taking()
    assert set(await asyncio.gather(*waiting)) == {None}
