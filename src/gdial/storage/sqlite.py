"""SQLite behind `Database`: one writer at a time, in the order of asking.

A statement takes microseconds and runs where it stands; only what may wait, which is taking the write lock, the
commit that reaches the disk, and work on many rows, goes to a thread. A thread for every statement, as asyncio
drivers of SQLite have it, costs several times the processor and halves the calls a laptop can place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Connection, CursorResult, Dialect, Engine, Row, Select, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from gdial.errors import SetupError
from gdial.storage.driver_rows import DriverRows
from gdial.storage.grouping import Kind
from gdial.storage.transaction import Transaction

BUSY_TIMEOUT_MS = 10_000
BUSY_POLL_SECONDS = 0.01
READER_BUSY_TIMEOUT_MS = 1_000
"""The loop waits with a reader, who waits for no writer: only for a program that has the whole file to itself."""
READERS = 8
LOWER_FUNCTION = "lower_unicode"
"""SQLite's own `lower` knows no letter beyond z."""

P = ParamSpec("P")
T = TypeVar("T")
Loaded = TypeVar("Loaded")


class SqliteTransaction(Transaction):
    def __init__(self, connection: Connection, threads: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._threads = threads

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        if isinstance(parameters, list):
            return await in_thread(self._threads, self._connection.execute, statement, parameters)
        return self._connection.execute(statement, parameters)

    async def insert_rows(self, rows: DriverRows) -> None:
        await in_thread(self._threads, self._insert_rows, rows)

    def _insert_rows(self, rows: DriverRows) -> None:
        for portion in rows.portions:
            self._connection.exec_driver_sql(rows.sql, portion)

    async def portions(self, query: Select[Any], size: int) -> AsyncIterator[Sequence[Row[Any]]]:
        for portion in self._connection.execute(query).partitions(size):
            yield portion
            await asyncio.sleep(0)

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[object]:
        with self._connection.begin_nested() as savepoint:
            yield savepoint

    async def run_sync(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await in_thread(self._threads, lambda: function(self._connection, *args, **kwargs))


class SqliteDatabase:
    """One file. Writers of other processes are waited for, at most BUSY_TIMEOUT_MS."""

    def __init__(self, url: URL) -> None:
        _prepare_folder(url)
        self._writer = _engine(url, "BEGIN IMMEDIATE", size=1, busy_timeout_ms=0)
        # A statement that writes would wait for the writer of this very loop, and the loop with it: it is refused.
        self._reader = _engine(url, "BEGIN", size=READERS, busy_timeout_ms=READER_BUSY_TIMEOUT_MS, query_only=True)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sqlite")
        self._write_turn = asyncio.Lock()
        self._read_turn = asyncio.Semaphore(READERS)

    @property
    def dialect(self) -> Dialect:
        return self._writer.dialect

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._write_turn:
            connection = await _begin_writing(self._writer)
            try:
                yield SqliteTransaction(connection, self._threads)
                await in_thread(self._threads, connection.commit)
            finally:
                connection.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        async with self._read_turn:
            connection = self._reader.connect()
            try:
                yield SqliteTransaction(connection, self._threads)
            finally:
                connection.close()

    async def together(
        self, kind: Kind[Loaded], id_: UUID, work: Callable[[Transaction, Loaded | None], Awaitable[T]]
    ) -> T:
        async with self.transaction() as tx:
            found = await kind.lock_and_load(tx, [id_])
            return await work(tx, found.get(id_))

    async def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()
        self._threads.shutdown()


async def in_thread(threads: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run it aside. Once begun it is waited for, also when the waiter is cancelled: the connection is in use."""
    running = asyncio.get_running_loop().run_in_executor(threads, lambda: work(*args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()
        raise


async def _begin_writing(engine: Engine) -> Connection:
    """Take the write lock; while another process has it, wait without holding up this one."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        connection = engine.connect()
        try:
            connection.begin()
            return connection
        except OperationalError as error:
            connection.close()
            if "locked" not in str(error.orig) or time.monotonic() > give_up_at:
                raise
        except BaseException:
            connection.close()
            raise
        await asyncio.sleep(BUSY_POLL_SECONDS)


def _prepare_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise SetupError("an SQLite database needs a file, for example DATABASE_URL=sqlite:///gdial-data/gdial.db")
    folder = Path(url.database).parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"the folder {folder} for the database cannot be made: {error.strerror}") from error


def _make_file(file: Path) -> None:
    """SQLite would let everybody read what it makes; its two companion files take the mode of this one."""
    try:
        file.touch(mode=0o600)
    except OSError as error:
        raise SetupError(f"the database {file} cannot be made: {error.strerror}") from error


def _engine(url: URL, begin: str, size: int, busy_timeout_ms: int, *, query_only: bool = False) -> Engine:
    opening_ms = busy_timeout_ms or BUSY_TIMEOUT_MS
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": opening_ms / 1000},
    )

    @event.listens_for(engine, "do_connect")
    def _make_private(*_: object) -> None:
        _make_file(Path(url.database or ""))

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={opening_ms}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
            f"busy_timeout={busy_timeout_ms}",
            f"query_only={query_only:d}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function(LOWER_FUNCTION, 1, str.lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
