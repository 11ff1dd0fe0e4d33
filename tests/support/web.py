"""A GDial web process on a free port of this machine, and a client that speaks HTTP with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from gdial.runtime import Runtime
from gdial.web.app import create_app
from gdial.web.server import serve
from tests.support.runtime import API_TOKEN

AUTHORIZED = {"Authorization": f"Bearer {API_TOKEN}"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Any
    text: str
    json: Any


class Api:
    """Asks over HTTP; with the token unless `headers` says otherwise."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def ask(self, method: str, path: str, **arguments: Any) -> Answer:
        arguments.setdefault("headers", AUTHORIZED)
        async with self.session.request(method, self.url + path, **arguments) as response:
            text = await response.text()
            is_json = "json" in response.headers.get("Content-Type", "")
            return Answer(
                response.status, response.headers, text, await response.json(content_type=None) if is_json else None
            )

    async def get(self, path: str, **arguments: Any) -> Answer:
        return await self.ask("GET", path, **arguments)

    async def post(self, path: str, body: Any = None, **arguments: Any) -> Answer:
        return await self.ask("POST", path, json=body, **arguments)

    async def make(self, path: str, body: Any) -> Any:
        """The thing that this made."""
        answer = await self.post(path, body)
        assert answer.status == 201, answer.text
        assert answer.headers["Location"] == f"{path}/{answer.json['id']}"
        return answer.json

    async def import_file(self, content: bytes, query: str = "", name: str = "people.csv") -> Answer:
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name)
        return await self.ask("POST", f"/api/contacts/import{query}", data=form)

    async def send_raw(self, request: bytes, patience_seconds: float = 30) -> bytes:
        """Bytes to the server's port as they are, and everything it says until it closes or falls silent; the patience
        is for its first word."""
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        await writer.drain()
        said = b""
        with suppress(TimeoutError):
            while chunk := await asyncio.wait_for(reader.read(65536), 1 if said else patience_seconds):
                said += chunk
        writer.close()
        return said


@asynccontextmanager
async def served(runtime: Runtime) -> AsyncIterator[Api]:
    stop, started = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve(create_app(runtime), "127.0.0.1", 0, started=started.set_result, stop=stop, grace_seconds=5)
    )
    await asyncio.wait([started, serving], return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
    async with aiohttp.ClientSession() as session:
        yield Api(started.result(), session)
    stop.set()
    await serving
