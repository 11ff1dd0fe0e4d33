"""What is raised when a database does not do as it is told."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gdial.storage.database import Database
from gdial.storage.migrate import upgrade


async def test_a_wrong_statement_is_our_fault_and_not_a_database_that_is_away(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.reading() as tx:
            await tx.execute(text("SELECT nothing_like_it FROM contacts"))


async def test_only_its_owner_may_read_a_database_file(tmp_path: Path) -> None:
    file = tmp_path / "data" / "gdial.db"
    database = Database(f"sqlite:///{file}")
    await upgrade(database)
    modes = {path.name: stat.filemode(path.stat().st_mode) for path in (file.parent, *file.parent.iterdir())}
    await database.close()
    assert modes["gdial.db"] == "-rw-------"
    assert set(modes.values()) == {"drwx------", "-rw-------"}
