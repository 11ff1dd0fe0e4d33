"""A wire to PostgreSQL that can be cut just after a commit has arrived: the server has it, and nobody is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536


class PostgresWire:
    """`url` leads over the wire."""

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._server = (parts.hostname, parts.port)
        self._parts = parts
        self.url = server_url
        self._commits_until_the_cut: int | None = None

    def lose_a_commit(self, *, after: int = 0) -> None:
        """Cut off the answer to the next commit, or to the one after so many; a transaction that reads has one too."""
        self._commits_until_the_cut = after

    def lose_none(self) -> None:
        """The line is good from now on."""
        self._commits_until_the_cut = None

    def listen_on(self, port: int) -> None:
        self.url = self._parts._replace(netloc=f"{self._parts.username}@127.0.0.1:{port}").geturl()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it or it is cut."""
        from_server, to_server = await asyncio.open_connection(*self._server)
        committing = asyncio.Event()
        pumps = [
            asyncio.create_task(self._ask(reader, to_server, committing)),
            asyncio.create_task(self._answer(from_server, writer, committing)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        to_server.close()
        writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if b"COMMIT" in chunk and self._is_to_be_lost():
                committing.set()
            writer.write(chunk)
            await writer.drain()

    def _is_to_be_lost(self) -> bool:
        left = self._commits_until_the_cut
        self._commits_until_the_cut = left - 1 if left else None
        return left == 0

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event
    ) -> None:
        while (chunk := await reader.read(CHUNK_BYTES)) and not committing.is_set():
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def postgres_wire(server_url: str, port: int = 0) -> AsyncIterator[PostgresWire]:
    """On this port, or a free one."""
    wire = PostgresWire(server_url)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", port)
    wire.listen_on(server.sockets[0].getsockname()[1])
    try:
        yield wire
    finally:
        server.close()
