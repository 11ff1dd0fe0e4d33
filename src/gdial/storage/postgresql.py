"""PostgreSQL behind `Database`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from asyncpg.exceptions import IntegrityConstraintViolationError
from asyncpg.exceptions import InterfaceError as DriverError
from asyncpg.exceptions import PostgresError as ServerError
from sqlalchemy import Connection, CursorResult, Dialect, Row, Select, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from gdial.errors import DatabaseUnavailable
from gdial.storage.driver_rows import DriverRows
from gdial.storage.grouping import Gatherer
from gdial.storage.transaction import Transaction

CONNECTIONS = 20
CONNECT_SECONDS = 4
"""Well within the time for which a carrier waits for the answer to a webhook."""

SILENCE_MS = 10_000
"""A connection whose other end has said nothing for so long, though asked, is given up. TCP alone waits for a quarter
of an hour, in which every pooled connection would hang."""
SOCKET_OPTIONS = {"TCP_KEEPIDLE": 4, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": SILENCE_MS}
"""See tcp(7): where nothing is on the way, it is asked after seconds, and again, so often; where something is, the last
counts. A system that knows one not keeps its own."""

P = ParamSpec("P")
T = TypeVar("T")


class PostgresTransaction(Transaction):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        result: CursorResult[Any] = await self._connection.execute(statement, parameters)
        return result

    async def insert_rows(self, rows: DriverRows) -> None:
        if rows.is_plain:
            await self._copy_rows(rows)
            return
        for portion in rows.portions:
            await self._connection.exec_driver_sql(rows.sql, portion)

    async def _copy_rows(self, rows: DriverRows) -> None:
        """COPY takes half the processor of this process, which has calls to place meanwhile."""
        # SQLAlchemy begins the transaction with the first statement that it sees, and COPY it does not see.
        await self._connection.exec_driver_sql("SELECT 1")
        driver: Any = (await self._connection.get_raw_connection()).driver_connection
        with _told_as_by_sqlalchemy(f"COPY {rows.table}"):
            for portion in rows.portions:
                await driver.copy_records_to_table(rows.table, records=portion, columns=rows.columns)

    async def portions(self, query: Select[Any], size: int) -> AsyncIterator[Sequence[Row[Any]]]:
        async for portion in (await self._connection.stream(query.execution_options(yield_per=size))).partitions():
            yield portion

    def begin_nested(self) -> AbstractAsyncContextManager[object]:
        return self._connection.begin_nested()

    async def run_sync(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._connection.run_sync(function, *args, **kwargs)


@contextmanager
def _told_as_by_sqlalchemy(statement: str) -> Iterator[None]:
    try:
        yield
    except IntegrityConstraintViolationError as error:
        raise IntegrityError(statement, None, error) from error
    except DriverError as error:
        raise InterfaceError(statement, None, error) from error
    except ServerError as error:
        raise DBAPIError(statement, None, error) from error


class PostgresDatabase:
    def __init__(self, url: URL) -> None:
        self._gatherer = Gatherer(self.transaction)
        self.together = self._gatherer.run
        self._engine = create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={"timeout": CONNECT_SECONDS},
        )
        event.listen(self._engine.sync_engine, "connect", _notice_silence)

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        connection = await self._connect()
        try:
            async with connection.begin():
                yield PostgresTransaction(connection)
        finally:
            await asyncio.shield(connection.close())

    async def _connect(self) -> AsyncConnection:
        try:
            return await self._engine.connect()
        except OSError as error:  # a name that is not found, nobody there, silence
            raise DatabaseUnavailable(f"the database does not answer: {error or 'no connection in time'}") from error

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        return self.transaction()

    async def close(self) -> None:
        await self._gatherer.close()
        await self._engine.dispose()


def _notice_silence(connection: Any, _record: object) -> None:
    """Given each new connection of the pool."""
    # asyncpg has no public way to its socket.
    held: socket.socket = connection.driver_connection._transport.get_extra_info("socket")
    if held.family is socket.AF_UNIX:
        return
    held.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in SOCKET_OPTIONS.items():
        option = getattr(socket, name, None)
        if option is not None:
            held.setsockopt(socket.IPPROTO_TCP, option, value)
