"""The servers that tests lean on are empty, their own, come back after a kill, and do not outlive their owner."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg

from tests.support.services import PrivatePostgres, private_postgres

ROOT = Path(__file__).parents[2]
OWNER = """
from tests.support.services import private_postgres
with private_postgres() as postgres:
    print(postgres.server.pid, postgres.server.folder, flush=True)
    input()
"""


async def rows(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)  # type: ignore[no-untyped-call]
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_each_test_gets_an_empty_database_that_knows_swedish_letters(postgres_url: str) -> None:
    assert await rows(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    assert await rows(postgres_url, "SELECT lower('ÅÄÖ'), inet_server_addr()::text") == [("åäö", "127.0.0.1/32")]


async def test_a_database_can_be_a_copy_of_another(postgres_server: PrivatePostgres, postgres_url: str) -> None:
    await rows(postgres_url, "CREATE TABLE calls AS SELECT 7 AS id")
    copy = postgres_server.create_database(template=postgres_url.rpartition("/")[2])
    assert await rows(copy, "SELECT id FROM calls") == [(7,)]
    postgres_server.drop_database(copy)
    assert (copy.rpartition("/")[2],) not in await rows(postgres_server.url, "SELECT datname FROM pg_database")


async def test_a_killed_server_comes_back_with_what_was_committed() -> None:
    with private_postgres() as postgres:
        await rows(postgres.url, "CREATE TABLE calls AS SELECT 7 AS id")
        postgres.server.kill()
        postgres.server.start()
        assert await rows(postgres.url, "SELECT id FROM calls") == [(7,)]


def test_a_server_ends_with_its_owner_and_the_next_one_clears_up() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    pid, folder = owner.stdout.readline().split()
    server = os.pidfd_open(int(pid))
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    assert select.select([server], [], [], 20)[0], "the server outlived its owner"
    assert Path(folder).exists()
    with private_postgres():
        assert not Path(folder).exists()
