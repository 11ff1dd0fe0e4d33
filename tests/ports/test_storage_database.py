"""Transactions mean the same on both databases, and a database that is away is told plainly."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable
from uuid import uuid4

import pytest
from sqlalchemy import text

from gdial.errors import DatabaseUnavailable
from gdial.storage import runs
from gdial.storage.database import Database, Transaction
from gdial.storage.runs import Run
from tests.support.ports import free_port
from tests.support.services import PrivatePostgres, private_postgres
from tests.support.stored_runs import make_run, store_run


async def names(database: Database) -> list[str]:
    async with database.reading() as tx:
        return [run.name for run in (await runs.page(tx, 100, 0))[0]]


async def insert_then(database: Database, run: Run, then: Awaitable[object]) -> None:
    async with database.transaction() as tx:
        await runs.insert(tx, run)
        await then


async def fail() -> None:
    raise KeyError("whatever went wrong")


async def test_a_block_that_raises_stores_nothing_and_its_error_is_its_own(database: Database) -> None:
    with pytest.raises(KeyError):
        await insert_then(database, make_run(), fail())
    assert await names(database) == []


async def test_a_cancelled_transaction_stores_nothing_and_holds_nobody_up(database: Database) -> None:
    inside, never = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        inside.set()
        await never.wait()

    staying = asyncio.create_task(insert_then(database, make_run(), stay()))
    await inside.wait()
    queueing = [asyncio.create_task(store_run(database, name="cancelled while waiting")) for _ in range(3)]
    await asyncio.sleep(0)
    for task in (staying, *queueing):
        task.cancel()
    await asyncio.gather(staying, *queueing, return_exceptions=True)
    async with asyncio.timeout(30):
        await store_run(database, name="after")
    assert await names(database) == ["after"]


async def test_cancelling_at_any_moment_leaves_the_database_in_order(database: Database) -> None:
    for turns in range(25):
        storing = asyncio.create_task(store_run(database, name="perhaps"))
        for _ in range(turns):
            await asyncio.sleep(0)
        storing.cancel()
        await asyncio.gather(storing, return_exceptions=True)
    async with asyncio.timeout(30):
        await asyncio.gather(*(store_run(database, name="surely") for _ in range(25)))
    assert (await names(database)).count("surely") == 25


async def test_what_is_not_committed_is_seen_by_nobody(database: Database) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        inside.set()
        await go_on.wait()

    staying = asyncio.create_task(insert_then(database, make_run(name="Brand"), stay()))
    await inside.wait()
    assert await names(database) == []
    go_on.set()
    await staying
    assert await names(database) == ["Brand"]


async def test_a_savepoint_undoes_its_block_alone(database: Database) -> None:
    async with database.transaction() as tx:
        await runs.insert(tx, make_run(name="kept"))
        with pytest.raises(KeyError):
            await undone(tx, make_run(name="undone"))
    assert await names(database) == ["kept"]


async def undone(tx: Transaction, run: Run) -> None:
    async with tx.begin_nested():
        await runs.insert(tx, run)
        await fail()


async def test_more_transactions_than_connections_wait_their_turn(database: Database) -> None:
    await asyncio.gather(*(store_run(database, name=str(n)) for n in range(60)), *(names(database) for _ in range(60)))
    assert sorted(map(int, await names(database))) == list(range(60))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_is_caught_in_a_deadlock_is_told_to_try_again(database: Database) -> None:
    one, other = await store_run(database), await store_run(database)
    meeting = asyncio.Barrier(2)

    async def lock(first: Run, second: Run) -> None:
        async with database.transaction() as tx:
            await runs.get(tx, first.id, lock=True)
            await meeting.wait()
            await runs.get(tx, second.id, lock=True)

    came = await asyncio.gather(lock(one, other), lock(other, one), return_exceptions=True)
    assert [type(error) for error in came if error is not None] == [DatabaseUnavailable]


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
async def test_a_database_that_nobody_answers_for_is_unavailable(host: str) -> None:
    database = Database(f"postgresql://gdial@{host}:{free_port()}/gdial")
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        await names(database)
    await database.close()


async def test_a_database_that_takes_connections_and_says_nothing_is_unavailable_soon() -> None:
    silence = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    database = Database(f"postgresql://gdial@127.0.0.1:{silence.sockets[0].getsockname()[1]}/gdial")
    async with asyncio.timeout(30):
        with pytest.raises(DatabaseUnavailable, match="does not answer"):
            await names(database)
    await database.close()
    silence.close()


async def test_a_killed_database_is_unavailable_until_it_is_back_and_then_everything_goes_on() -> None:
    with private_postgres() as postgres:
        database = Database(postgres.create_database())
        await asyncio.gather(*(ask(database) for _ in range(20)))
        asking = [asyncio.create_task(ask(database, seconds=60)) for _ in range(3)]
        await until_asking(database, 3)
        postgres.server.kill()
        errors = await asyncio.gather(*asking, return_exceptions=True)
        errors += await asyncio.gather(*(ask(database) for _ in range(25)), return_exceptions=True)
        errors += await ask_while_it_starts(database, postgres)
        await asyncio.gather(*(ask(database) for _ in range(25)))
        await database.close()
    assert {type(error) for error in errors} == {DatabaseUnavailable}


async def test_a_database_without_a_free_connection_is_unavailable(postgres_server: PrivatePostgres) -> None:
    url = postgres_server.create_database()
    postgres_server.execute(f'ALTER DATABASE "{url.rpartition("/")[2]}" CONNECTION LIMIT 0')
    role = f"role_{uuid4().hex}"  # the one that owns the server is let in always
    postgres_server.execute(f"CREATE ROLE {role} LOGIN")
    database = Database(url.replace("gdial@", f"{role}@"))
    with pytest.raises(DatabaseUnavailable, match="too many connections"):
        await names(database)
    await database.close()
    postgres_server.drop_database(url)


async def test_a_pooled_connection_notices_within_seconds_that_the_network_is_gone(
    postgres_server: PrivatePostgres,
) -> None:
    """What a link that is cut without a word does cannot be shown on loopback: that the kernel is told can."""
    database = Database(postgres_server.url)
    async with database.reading() as tx:
        await tx.execute(text("SELECT 1"))
        driver = await tx.run_sync(lambda connection: connection.connection.driver_connection)
    held: socket.socket = driver._transport.get_extra_info("socket")  # type: ignore[union-attr]
    assert held.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert held.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
    asked = [socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT]
    idle, interval, times = (held.getsockopt(socket.IPPROTO_TCP, option) for option in asked)
    assert idle + interval * times <= 10
    await database.close()


async def ask(database: Database, seconds: float = 0) -> None:
    async with database.reading() as tx:
        await tx.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


async def until_asking(database: Database, how_many: int) -> None:
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    async with asyncio.timeout(30):
        while True:
            async with database.reading() as tx:
                if (await tx.execute(query)).scalar_one() >= how_many:
                    return


async def ask_while_it_starts(database: Database, postgres: PrivatePostgres) -> list[BaseException | None]:
    """What came of asking all the time until the server is ready."""
    starting = asyncio.create_task(asyncio.to_thread(postgres.server.start))
    came: list[BaseException | None] = []
    while not starting.done():
        came += await asyncio.gather(ask(database), return_exceptions=True)
    await starting
    return [error for error in came if error is not None]
