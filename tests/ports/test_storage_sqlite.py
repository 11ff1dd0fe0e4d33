"""What holds for SQLite alone: nothing is lost in a power cut, other processes are waited for, one process serves."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from gdial.errors import SetupError
from gdial.storage import runs
from gdial.storage.alone import serving_alone
from gdial.storage.database import Database, Transaction
from tests.support.stored_runs import store_run

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO installation VALUES ('written by', 'another process')")
print("holds", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""

WAITER = """
import asyncio, sys
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from gdial.storage.database import Database

async def write() -> None:
    database = Database(sys.argv[1])
    print("asks", flush=True)
    async with database.transaction() as tx:
        await tx.execute(text("INSERT INTO installation VALUES ('written by', 'another process')"))
    print("written", flush=True)
    await database.close()

asyncio.run(write())
"""

SERVER = """
import subprocess, sys
from pathlib import Path
from gdial.storage.alone import serving_alone

with serving_alone(Path(sys.argv[1])):
    aside = subprocess.DEVNULL
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdin=aside, stdout=aside)
    print(child.pid, flush=True)
    input()
    child.kill()
"""


@asynccontextmanager
async def program(source: str, *arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", source, *map(str, arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate(b"")


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def go_on(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    await process.stdin.drain()


def file_of(database_url: str) -> Path:
    return Path(database_url.removeprefix("sqlite:///"))


async def pragma(tx: Transaction, name: str) -> object:
    return (await tx.execute(text(f"PRAGMA {name}"))).scalar_one()


async def test_every_connection_survives_a_power_cut_and_keeps_references_whole(database: Database) -> None:
    full = 2
    for _ in range(2):
        async with database.transaction() as writing, database.reading() as reading:
            for tx in (writing, reading):
                assert await pragma(tx, "journal_mode") == "wal"
                assert await pragma(tx, "synchronous") == full
                assert await pragma(tx, "foreign_keys") == 1
            assert await pragma(reading, "busy_timeout") == 1_000


async def test_a_reader_that_would_write_is_refused_at_once(database: Database) -> None:
    run = await store_run(database, name="before")
    async with database.transaction(), database.reading() as tx:
        with pytest.raises(OperationalError, match="readonly"):
            await runs.change(tx, run.id, name="after")


async def test_readers_go_on_beside_a_writer(database: Database) -> None:
    run = await store_run(database, name="before")
    async with database.transaction() as tx:
        await runs.change(tx, run.id, name="after")
        async with database.reading() as reading:
            assert (await runs.get(reading, run.id)).name == "before"


async def test_a_writer_in_another_process_is_waited_for_while_this_one_goes_on(
    database: Database, database_url: str
) -> None:
    run = await store_run(database, name="before")
    async with program(WRITER, file_of(database_url)) as other:
        assert await line(other) == "holds"
        storing = asyncio.create_task(store_run(database, name="after"))
        for _ in range(20):
            async with database.reading() as tx:
                assert (await runs.get(tx, run.id)).name == "before"
            await asyncio.sleep(0.01)
        assert not storing.done()
        await go_on(other)
        await storing


async def test_another_process_waits_for_this_one_to_finish_writing(database: Database, database_url: str) -> None:
    async with program(WAITER, database_url) as other:
        async with database.transaction() as tx:
            await tx.execute(text("INSERT INTO installation VALUES ('first', 'this process')"))
            assert await line(other) == "asks"
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(line(other), 0.3)
        assert await line(other) == "written"


async def test_one_process_serves_a_file_and_the_next_one_is_told_which(database_url: str) -> None:
    file = file_of(database_url)
    async with program(SERVER, file) as server:
        await line(server)
        with pytest.raises(SetupError, match=rf"process {server.pid}\) already serves"), serving_alone(file):
            pytest.fail("served twice")
        with serving_alone(file.with_name("another.db")):
            pass
        await go_on(server)
        await server.wait()
    with serving_alone(file):
        pass


async def test_a_killed_server_frees_its_file_though_a_child_of_it_lives(database_url: str) -> None:
    file = file_of(database_url)
    async with program(SERVER, file) as server:
        child = int(await line(server))
        server.send_signal(signal.SIGKILL)
        await server.wait()
        try:
            with serving_alone(file):
                pass
        finally:
            os.kill(child, signal.SIGKILL)
