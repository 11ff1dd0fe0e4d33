"""Wakes a process on another machine: a word over PostgreSQL's NOTIFY, which nobody may depend on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from asyncpg import connect
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError
from sqlalchemy.engine import URL

from gdial.errors import DatabaseUnavailable

CHANNEL = "gdial_bell"
CONNECT_SECONDS = 4.0
RING_SECONDS = 4.0
# The last is what the driver says of a connection that ends while it is used.
FAULTS = (OSError, PostgresError, InterfaceError, InternalClientError)


class BellLine:
    """One kept connection of its own. What is rung while nobody listens, or on a lost connection, is lost.

    `ring` and `listen` raise DatabaseUnavailable; the next call connects anew.
    """

    def __init__(self, database_url: URL) -> None:
        self._address = database_url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: Any = None

    async def ring(self, name: str) -> None:
        connection = await self._connected()
        try:
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, name, timeout=RING_SECONDS)
        except FAULTS as error:
            await self.close()
            raise DatabaseUnavailable(f"the database does not answer: {error or 'no answer in time'}") from error

    async def listen(self, heard: Callable[[str], None], listening: Callable[[], None]) -> None:
        """Hear every bell until the connection is lost, which raises. `listening` is told when it begins."""
        connection = await self._connected()
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(CHANNEL, lambda _connection, _pid, _channel, name: heard(name))
            listening()
            await lost.wait()
        except FAULTS as error:
            raise DatabaseUnavailable(f"the database does not answer: {error}") from error
        finally:
            await self.close()
        raise DatabaseUnavailable("the connection to the database was lost")

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _connected(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            try:
                self._connection = await connect(self._address, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
            except FAULTS as error:
                raise DatabaseUnavailable(f"the database does not answer: {error or 'no answer in time'}") from error
        return self._connection
