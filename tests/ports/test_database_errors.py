"""What is raised when a database does not do as it is told."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gdial.storage.database import Database


async def test_a_wrong_statement_is_our_fault_and_not_a_database_that_is_away(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.reading() as tx:
            await tx.execute(text("SELECT nothing_like_it FROM contacts"))
