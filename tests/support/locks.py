"""To know when somebody waits, instead of guessing how long it takes."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from gdial.storage.database import Database

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


async def until_waiting(database: Database, how_many: int) -> None:
    """Until so many transactions of this PostgreSQL database wait for another one."""
    async with asyncio.timeout(20):
        while True:
            async with database.reading() as tx:
                if (await tx.execute(WAITING)).scalar_one() >= how_many:
                    return
