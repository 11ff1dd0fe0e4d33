"""Heartbeats, and bells between processes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from gdial.errors import DatabaseUnavailable
from gdial.storage import workers
from gdial.storage.bells import BellLine
from gdial.storage.database import Database
from gdial.storage.workers import DEAD_AFTER, FORGOTTEN_AFTER, Worker
from tests.support.ports import free_port
from tests.support.services import PrivatePostgres

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def worker(kind: str = "call", seen_at: datetime = NOW) -> Worker:
    return Worker(uuid4(), kind, "gdial-1", 4711, "127.0.0.1:8000", NOW, seen_at, 0, 0, 0.0)


async def test_a_beat_is_written_once_and_then_moved_on(database: Database) -> None:
    first = worker()
    later = replace(first, seen_at=NOW + timedelta(seconds=5), jobs_done=7, jobs_failed=1, busy_seconds=1.5)
    async with database.transaction() as tx:
        await workers.beat(tx, first)
        await workers.beat(tx, later)
        assert await workers.everybody(tx) == [later]
        await workers.remove(tx, first.id)
        assert await workers.everybody(tx) == []


async def test_who_was_not_seen_for_three_beats_is_dead_and_forgotten_after_a_day(database: Database) -> None:
    alive, dead = worker(), worker(seen_at=NOW - DEAD_AFTER)
    gone = worker("tts", seen_at=NOW - FORGOTTEN_AFTER - timedelta(seconds=1))
    async with database.transaction() as tx:
        for one in (alive, dead, gone):
            await workers.beat(tx, one)
        await workers.forget_long_dead(tx, NOW)
        found = await workers.everybody(tx)
    assert {one.id for one in found} == {alive.id, dead.id}
    assert workers.count_alive(found, NOW) == {"call": 1}


async def test_a_bell_is_heard_elsewhere_and_a_lost_line_is_told(
    postgres_server: PrivatePostgres, postgres_url: str
) -> None:
    ringing, listening = BellLine(make_url(postgres_url)), BellLine(make_url(postgres_url))
    heard: asyncio.Queue[str] = asyncio.Queue()
    begun = asyncio.Event()
    ear = asyncio.create_task(listening.listen(heard.put_nowait, begun.set))
    async with asyncio.timeout(10):
        await begun.wait()
        await ringing.ring("feed")
        assert await heard.get() == "feed"
        lose = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = '{}'"
        postgres_server.execute(lose.format(postgres_url.rpartition("/")[2]))
        with pytest.raises(DatabaseUnavailable):
            await ear
        # The line that rings connects anew, at once or at the next ring.
        while True:
            try:
                await ringing.ring("feed")
                break
            except DatabaseUnavailable:
                continue
    await ringing.close()


async def test_without_a_database_a_bell_says_so() -> None:
    nobody = BellLine(make_url(f"postgresql://gdial@127.0.0.1:{free_port()}/gdial"))
    with pytest.raises(DatabaseUnavailable):
        await nobody.ring("feed")
