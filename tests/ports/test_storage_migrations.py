"""The migrations make exactly the tables that the code knows, on both databases."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from gdial.errors import SetupError
from gdial.storage import migrate
from gdial.storage.database import Database
from gdial.storage.tables import metadata

UPGRADE = """
import asyncio, sys
from gdial.storage import migrate
from gdial.storage.database import Database

asyncio.run(migrate.upgrade(Database(sys.argv[1])))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without any table."""
    is_sqlite = request.param == "sqlite"
    opened = Database(f"sqlite:///{tmp_path / 'empty.db'}" if is_sqlite else request.getfixturevalue("postgres_url"))
    yield opened
    await opened.close()


def differences(connection: Connection) -> Any:
    # SQLite hands defaults back as it was given them, quotes and all, which alembic takes for a difference.
    compares_defaults = connection.dialect.name == "postgresql"
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": compares_defaults}
    )
    return compare_metadata(context, metadata)


async def test_an_upgraded_database_has_exactly_the_tables_of_the_code(empty: Database) -> None:
    with pytest.raises(SetupError, match="gdial db upgrade"):
        await migrate.check(empty)

    ran = await migrate.upgrade(empty)

    async with empty.reading() as tx:
        assert await tx.run_sync(differences) == []
    assert ran[0] == "0001"
    assert await migrate.upgrade(empty) == []
    await migrate.check(empty)


async def test_a_database_of_a_newer_version_stops_the_start(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for refuse in (migrate.check, migrate.upgrade):
        with pytest.raises(SetupError, match=r"revision 9999.*newer version"):
            await refuse(database)


async def test_several_processes_may_upgrade_at_once(empty: Database) -> None:
    url = empty.url.render_as_string(hide_password=False).replace("+aiosqlite", "").replace("+asyncpg", "")
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", UPGRADE, url, stderr=asyncio.subprocess.PIPE)
        for _ in range(3)
    ]

    told = [(await process.communicate())[1].decode() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], told
    await migrate.check(empty)
