"""A backup taken in the middle of a call-out, restored elsewhere: the same ledger, and nobody rung again unasked."""

from __future__ import annotations

import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gdial.simulator.options import SimulatorOptions
from gdial.storage.audio_pieces import AudioShelf
from gdial.storage.backup.making import make_backup
from gdial.storage.backup.restoring import restore_backup
from gdial.storage.database import Database
from tests.support.organisation import running_organisation
from tests.support.services import PrivatePostgres

# It brings the databases that it is about.
pytestmark = pytest.mark.embedded

PEOPLE = {f"Person {i}": [f"+4670{1000000 + i}"] for i in range(120)}


def quiet(_what: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture(params=["sqlite", "postgresql"])
def two_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A database with GDial's tables, and an empty one."""
    if request.param == "sqlite":
        (tmp_path / "elsewhere").mkdir()
        yield f"sqlite:///{tmp_path / 'data' / 'gdial.db'}", f"sqlite:///{tmp_path / 'elsewhere' / 'gdial.db'}"
        return
    server: PrivatePostgres = request.getfixturevalue("postgres_server")
    urls = server.create_database(request.getfixturevalue("postgres_template")), server.create_database()
    yield urls
    for url in urls:
        server.drop_database(url)


async def test_the_ledger_is_the_same_elsewhere(two_urls: tuple[str, str], tmp_path: Path) -> None:
    here, elsewhere = two_urls
    file = tmp_path / "gdial.backup"
    options = SimulatorOptions(speed=30, seed=4)
    async with running_organisation(tmp_path / "data", options, database_url=here) as organisation:
        run = await organisation.start_run(await organisation.import_people(PEOPLE), policy={"rounds": 1})
        await organisation.calls_placed(40)
        manifest = await make_backup(here, file, datetime.now(UTC), quiet)
        done = await organisation.wait_until(run["id"], "done")
        placed = len(organisation.simulator.ledger()["calls"])
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])
    assert file.stat().st_mode & 0o777 == 0o600
    assert manifest.counts["recipients"] == 120
    assert 0 < manifest.counts["call_logs"] < placed

    restored = await restore_backup(elsewhere, file, datetime.now(UTC), quiet, replace=False)
    ((restored_run, counts),) = restored.ledgers
    assert (str(restored_run.id), restored_run.state, counts.recipients) == (run["id"], "paused", 120)
    assert [paused.id for paused in restored.paused] == [restored_run.id]
    assert counts.waiting + counts.calling + counts.reached + counts.not_reached + counts.stopped == 120
    assert counts.waiting + counts.calling > 0

    async with running_organisation(tmp_path / "other", options, database_url=elsewhere) as second:
        shown = await second.show(run["id"])
        assert (shown["state"], shown["counts"]["recipients"]) == ("paused", 120)
        assert second.runtime.secret == organisation.runtime.secret
        assert second.rung().total() == 0

    over = tmp_path / "over.backup"
    await make_backup(here, over, datetime.now(UTC), quiet)
    replaced = await restore_backup(elsewhere, over, datetime.now(UTC), quiet, replace=True)
    ((_, ledger),) = replaced.ledgers
    assert {name: getattr(ledger, name) for name in done["counts"]} == done["counts"]
    assert replaced.paused == []


async def test_whoever_uses_a_postgresql_is_not_taken_by_surprise(
    postgres_server: PrivatePostgres, postgres_template: str, tmp_path: Path
) -> None:
    url = postgres_server.create_database(postgres_template)
    file = tmp_path / "gdial.backup"
    await make_backup(url, file, datetime.now(UTC), quiet)
    somebody = Database(url)
    async with somebody.reading():
        with pytest.raises(Exception, match="connection"):
            await restore_backup(url, file, datetime.now(UTC), quiet, replace=True)
    await somebody.close()
    assert (await restore_backup(url, file, datetime.now(UTC), quiet, replace=True)).ledgers == []
    postgres_server.drop_database(url)


async def test_audio_is_left_out_and_made_again(
    postgres_server: PrivatePostgres, postgres_template: str, tmp_path: Path
) -> None:
    here, elsewhere = (postgres_server.create_database(postgres_template) for _ in range(2))
    file = tmp_path / "gdial.backup"
    databases = [Database(here), Database(elsewhere)]
    for database in databases:
        await AudioShelf(database, lambda: datetime.now(UTC)).put("1" * 64, "wav", os.urandom(1_000_000))
        await database.close()
    manifest = await make_backup(here, file, datetime.now(UTC), quiet)
    assert (manifest.counts["audio_pieces"], file.stat().st_size < 500_000) == (0, True)
    await restore_backup(elsewhere, file, datetime.now(UTC), quiet, replace=False)
    assert await AudioShelf(databases[1], lambda: datetime.now(UTC)).get(["1" * 64]) == {}
    await databases[1].close()
    for url in (here, elsewhere):
        postgres_server.drop_database(url)


async def test_other_tools_can_read_it(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "gdial.backup"
    await make_backup(f"sqlite:///{sqlite_template}", file, datetime.now(UTC), quiet)
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["manifest.json", "database.sqlite.gz"]
    assert os.listdir(tmp_path) == ["gdial.backup"]


async def test_an_older_backup_is_brought_up_to_date(sqlite_template: Path, tmp_path: Path) -> None:
    from alembic import command

    from gdial.storage.migrate import configuration

    old, file = tmp_path / "old.db", tmp_path / "old.backup"
    database = Database(f"sqlite:///{old}")
    async with database.transaction() as tx:
        await tx.run_sync(lambda connection: command.upgrade(configuration(connection), "0001"))
    await database.close()
    await make_backup(f"sqlite:///{old}", file, datetime.now(UTC), quiet)
    target = tmp_path / "new.db"
    restored = await restore_backup(f"sqlite:///{target}", file, datetime.now(UTC), quiet, replace=False)
    assert restored.manifest.revision == "0001"
    assert restored.migrations
    with closing(sqlite3.connect(target)) as new:
        assert new.execute("SELECT count(*) FROM webhook_endpoints").fetchone() == (0,)
