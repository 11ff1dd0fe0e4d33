"""Serves the application in the running loop."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from gdial.errors import SetupError

STOP = "gdial.stop"
"""In a request's scope: the event that is set when the server ends."""
BACKLOG = 2048
PORTS_TRIED = 1000
HIGHEST_PORT = 65535
KEEP_ALIVE_SECONDS = 75
"""Longer than the minute a proxy keeps its connections: the side that closes first must be the proxy."""


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    started: Callable[[str], None],
    stop: asyncio.Event,
    grace_seconds: int = 20,
) -> None:
    """Answer requests until `stop` is set, then let those under way end, for `grace_seconds` at most.

    `port` 0 takes a free one; `started` is told the address once connections are taken. Signals are the caller's.
    Raises SetupError when the address cannot be listened on.
    """
    with listen(host, port) as listener:
        address = _address(host, listener)
        await serve_on(listener, app, started=lambda: started(address), stop=stop, grace_seconds=grace_seconds)


async def serve_on(
    listener: socket.socket,
    app: ASGIApp,
    *,
    started: Callable[[], None] = lambda: None,
    stop: asyncio.Event,
    grace_seconds: int = 20,
) -> None:
    """As `serve`, on a socket that listens already and stays the caller's."""
    server = _Server(_config(_TellsOfStop(app, stop), grace_seconds), started)
    watch = asyncio.create_task(_stop_when(stop, server))
    try:
        await server.serve(sockets=[listener])
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


@contextmanager
def listen_from(host: str, first_port: int) -> Iterator[socket.socket]:
    """A socket on this port, or on the first free one above it; 0 takes any that is free. SetupError as `listen`."""
    for port in range(first_port, min(first_port + PORTS_TRIED, HIGHEST_PORT + 1)):
        opened = ExitStack()
        try:
            listener = opened.enter_context(listen(host, port))
        except SetupError as error:
            if not _is_taken(error):
                raise
            continue
        with opened:
            yield listener
            return
    raise SetupError(f"METRICS_PORT={first_port} and the ports above it are taken; choose another, or 0 for a free one")


def _is_taken(error: SetupError) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to this address; SetupError says what to set when that cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise SetupError(f"API_HOST={host} is no address of this machine; use 127.0.0.1") from error
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            raise SetupError(_explain(error, host, port)) from error
        listener.setblocking(False)
        yield listener


def _explain(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} is taken by another program; choose another: API_PORT={port + 1}, or 0 for a free one"
        case errno.EACCES:
            return f"port {port} is only for the system's administrator; choose one above 1023: API_PORT=3003"
        case errno.EADDRNOTAVAIL:
            return f"API_HOST={host} is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all its addresses"
        case _:
            return f"{host} port {port} cannot be listened on ({error.strerror}); choose another API_HOST or API_PORT"


def _address(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"


def _config(app: ASGIApp, grace_seconds: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Who a request comes from decides on /metrics: only what the socket says counts.
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=grace_seconds,
    )


class _TellsOfStop:
    """Leaves `stop` in each request's scope: an answer that has no end of its own then ends."""

    def __init__(self, app: ASGIApp, stop: asyncio.Event) -> None:
        self._app = app
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[STOP] = self._stop
        await self._app(scope, receive, send)


async def _stop_when(stop: asyncio.Event, server: uvicorn.Server) -> None:
    await stop.wait()
    server.should_exit = True


class _Server(uvicorn.Server):
    """Leaves the process's signals alone, and says when it is ready."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell_started()
