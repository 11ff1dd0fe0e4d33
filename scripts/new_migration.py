"""Writes a migration from the difference between the tables in the code and a database at the newest revision.

Usage: python scripts/new_migration.py REVISION "what it does"
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from gdial.storage.database import Database
from gdial.storage.migrate import configuration, upgrade


async def write(revision: str, message: str) -> None:
    def autogenerate(connection: Connection) -> None:
        command.revision(configuration(connection), message=message, autogenerate=True, rev_id=revision)

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
        await upgrade(database)
        async with database.transaction() as tx:
            await tx.run_sync(autogenerate)
        await database.close()


if __name__ == "__main__":
    asyncio.run(write(*sys.argv[1:3]))
