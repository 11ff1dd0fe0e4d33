"""One database, two sizes: SQLite in a file, or PostgreSQL. Opens it and hands out transactions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from gdial.errors import DatabaseUnavailable, SetupError

BUSY_TIMEOUT_MS = 10_000
READERS = 4

Transaction = AsyncConnection


class Database:
    """Hands out transactions. On SQLite there is one writer at a time, in the order of asking.

    Errors of a database that is away, locked or overloaded are raised as DatabaseUnavailable; the transaction has
    then not happened, unless the connection was lost during the commit itself: then nobody knows.
    """

    def __init__(self, url: str) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _prepare_folder(self.url)
            self._writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE", size=1)
            self._reader = _sqlite_engine(self.url, "BEGIN", size=READERS)
        else:
            self._writer = self._reader = create_async_engine(
                self.url, pool_size=20, max_overflow=0, pool_pre_ping=True
            )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction that writes; committed when the block ends, rolled back when it raises."""
        async with _one_transaction(self._writer) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A transaction for reading only; beside a writer it sees what was committed before."""
        async with _one_transaction(self._reader) as connection:
            yield connection

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def async_url(url: str) -> URL:
    """`sqlite:///file` and `postgresql://…`, with the driver put in."""
    parsed = make_url(url)
    backend = {"postgres": "postgresql"}.get(parsed.get_backend_name(), parsed.get_backend_name())
    return parsed.set(drivername={"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[backend])


@asynccontextmanager
async def _one_transaction(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    with _told_plainly():
        connection = await engine.connect()
    try:
        with _told_plainly():
            async with connection.begin():
                yield connection
    finally:
        await asyncio.shield(connection.close())


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, ConnectionError) as error:
        raise DatabaseUnavailable(f"the database does not answer: {_cause(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable(f"the database connection was lost: {_cause(error)}") from error
        raise


def _cause(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _prepare_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise SetupError("an SQLite database needs a file, for example DATABASE_URL=sqlite:///gdial-data/gdial.db")
    folder = Path(url.database).parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"the folder {folder} for the database cannot be made: {error.strerror}") from error


def _sqlite_engine(url: URL, begin: str, size: int) -> AsyncEngine:
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0, pool_timeout=60)

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
