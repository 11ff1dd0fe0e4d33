"""A program that lets phones ring: it answers webhooks with whatever a test puts there, and remembers what came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "a" * 32
TOKEN = "a token of the tests"
TO, FROM = "+46701234567", "+46850000000"

Answerer = Callable[["Received"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    path: str
    url: str
    form: dict[str, str]
    headers: dict[str, str]

    def is_signed(self, token: str = TOKEN) -> bool:
        """Whether the vendor's own validator takes the signature."""
        params = self.form if self.method == "POST" else {}
        validator: Any = RequestValidator(token)  # type: ignore[no-untyped-call]
        return bool(validator.validate(self.url, params, self.headers.get("X-Twilio-Signature", "")))


class Application:
    """Paths and their answers; a path without one answers 200 with nothing."""

    def __init__(self) -> None:
        self.base = ""
        self.received: list[Received] = []
        self._answers: dict[str, Answerer] = {}
        self._arrived = asyncio.Event()

    def url(self, path: str) -> str:
        return self.base + path

    def answer(self, path: str, body: str | bytes = "", *, status: int = 200, content_type: str = "text/xml") -> str:
        """Let a path answer always the same; returns its URL."""

        async def respond(_: Received) -> web.StreamResponse:
            data = body.encode() if isinstance(body, str) else body
            return web.Response(body=data, status=status, content_type=content_type)

        return self.answer_with(path, respond)

    def answer_with(self, path: str, answerer: Answerer) -> str:
        """Let a path answer as the function says; returns its URL."""
        self._answers[path] = answerer
        return self.url(path)

    def twiml(self, path: str, verbs: str) -> str:
        """Let a path answer with a TwiML document of these verbs; returns its URL."""
        return self.answer(path, f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>')

    def at(self, path: str) -> list[Received]:
        """What arrived at one path, in order."""
        return [one for one in self.received if one.path == path]

    async def wait_for(self, path: str, count: int = 1) -> list[Received]:
        """Wait until so many requests arrived at a path."""
        while len(self.at(path)) < count:
            self._arrived.clear()
            await self._arrived.wait()
        return self.at(path)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        received = Received(
            request.method, request.path, f"{self.base}{request.raw_path}", form, dict(request.headers.items())
        )
        self.received.append(received)
        self._arrived.set()
        answerer = self._answers.get(request.path)
        return await answerer(received) if answerer else web.Response()


@asynccontextmanager
async def running_application() -> AsyncIterator[Application]:
    application = Application()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", application._handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    application.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield application
    finally:
        await runner.cleanup()
