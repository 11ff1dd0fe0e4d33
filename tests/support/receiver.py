"""A program that is told of runs: a real server on loopback, which can refuse, stall and redirect."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Heard:
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As a receiver would check it, from the text of the specification alone."""
        key = base64.b64decode(secret.split("_", 1)[1])
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return expected in self.headers["webhook-signature"].split(" ")


class Receiver:
    """Answers 204 unless `answers` holds something else for the next request."""

    def __init__(self) -> None:
        self.url = ""
        self.heard: list[Heard] = []
        self.answers: deque[Callable[[], web.StreamResponse]] = deque()
        self.always: Callable[[], web.StreamResponse] | None = None
        self.stalls = False
        self._came = asyncio.Condition()
        self._closing = asyncio.Event()

    @property
    def events(self) -> list[str]:
        return [heard.json["event"] for heard in self.heard]

    async def until(self, condition: Callable[[Receiver], bool], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: condition(self))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._came:
            self.heard.append(Heard(request.headers, body))
            self._came.notify_all()
        if self.stalls:
            await self._closing.wait()
        if self.answers:
            return self.answers.popleft()()
        return self.always() if self.always else web.Response(status=204)

    def close(self) -> None:
        self._closing.set()


def refusing(status: int, text: str = "", **headers: str) -> Callable[[], web.StreamResponse]:
    return lambda: web.Response(status=status, text=text, headers=headers)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Listening on a free port of 127.0.0.1."""
    made = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/told"
    try:
        yield made
    finally:
        made.close()
        await runner.cleanup()
