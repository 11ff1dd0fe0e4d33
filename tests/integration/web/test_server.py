"""The server in the running loop: where it listens, how it ends."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from gdial.errors import SetupError
from gdial.web.server import serve
from tests.support.ports import free_port

App = Callable[[Any, Any, Any], Awaitable[None]]


class SlowApp:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.set()
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})


@asynccontextmanager
async def running(
    app: App, host: str = "127.0.0.1", grace_seconds: int = 5
) -> AsyncIterator[tuple[str, asyncio.Event]]:
    stop, started = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve(app, host, 0, started=started.set_result, stop=stop, grace_seconds=grace_seconds)
    )
    yield await started, stop
    stop.set()
    await serving


async def test_port_zero_is_a_free_one_and_is_told() -> None:
    app = SlowApp()
    app.may_answer.set()

    async with running(app) as (first, _), running(app) as (second, _), aiohttp.ClientSession() as session:
        assert first != second
        for url in (first, second):
            async with session.get(url) as answer:
                assert await answer.text() == "done"
                assert "Server" not in answer.headers


async def test_a_taken_port_says_how_to_choose_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(SetupError, match=rf"port {port} is taken.*API_PORT={port + 1}"):
            await serve(SlowApp(), "127.0.0.1", port, started=pytest.fail, stop=asyncio.Event())


@pytest.mark.parametrize("host", ["198.51.100.1", "no-such-host.invalid"])
async def test_a_host_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(SetupError, match=f"API_HOST={host}"):
        await serve(SlowApp(), host, 0, started=pytest.fail, stop=asyncio.Event())


async def test_the_same_port_can_be_taken_again_at_once() -> None:
    app = SlowApp()
    app.may_answer.set()
    port = free_port()

    for _ in range(2):
        stop = asyncio.Event()
        started = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(app, "127.0.0.1", port, started=started.set_result, stop=stop))
        async with aiohttp.ClientSession() as session, session.get(await started) as answer:
            assert answer.status == 200
        stop.set()
        await serving


async def takes_connections(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True


async def test_a_request_under_way_is_answered_before_the_end() -> None:
    app = SlowApp()
    async with aiohttp.ClientSession() as session, running(app) as (url, stop):
        asking = asyncio.create_task(session.get(url))
        await app.asked.wait()
        stop.set()
        async with asyncio.timeout(20):
            while await takes_connections(url):
                pass
        app.may_answer.set()
        answer = await asking
        assert (answer.status, await answer.text()) == (200, "done")


async def test_what_takes_longer_than_the_grace_is_cut() -> None:
    app = SlowApp()
    async with aiohttp.ClientSession() as session:
        async with running(app, grace_seconds=1) as (url, _):
            asking = asyncio.create_task(session.get(url))
            await app.asked.wait()

        assert (await asking).status == 500


async def test_signals_stay_the_callers() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    app = SlowApp()
    async with running(app):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
