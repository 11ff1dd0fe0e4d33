"""The whole system in one process: settings, database, telephone networks, workers and the web door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog

from gdial.assembly import open_runtime
from gdial.cli.simulator_child import simulator_child
from gdial.errors import SetupError
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.settings.places import local_url
from gdial.storage.alone import serving_alone
from gdial.web.app import create_app
from gdial.web.server import listen
from gdial.web.server import serve as serve_web
from gdial.workers.embedded import run_embedded_workers

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Serving:
    """What a started GDial tells of itself. `settings` have the port and the drills' address that are in use."""

    url: str
    settings: Settings
    runtime: Runtime


async def serve_all(
    settings: Settings,
    *,
    started: Callable[[Serving], None],
    stop: asyncio.Event,
    simulator: Sequence[str] | None = (),
) -> None:
    """Run until `stop`, then finish what is in hand, for SHUTDOWN_GRACE_SEC at most.

    `simulator` are options of `gdial sim` for a network of our own where DRILL_API_BASE is not set; None starts none.
    Raises SetupError when something needed is missing or taken.
    """
    if settings.rabbitmq_url:
        raise SetupError(
            "RABBITMQ_URL is set, but this version keeps its queue inside the process; unset it to start gdial serve"
        )
    async with AsyncExitStack() as stack:
        if settings.database_path:
            stack.enter_context(serving_alone(settings.database_path))
        changes: dict[str, object] = {"api_port": _find_port(settings)}
        if simulator is not None and settings.drill_api_base is None:
            changes["drill_api_base"] = await stack.enter_async_context(simulator_child(simulator))
        settings = settings.model_copy(update=changes)
        rt = await stack.enter_async_context(open_runtime(settings))
        await _run(rt, started, stop)


def _find_port(settings: Settings) -> int:
    """Looked for before anything is opened: the addresses that carriers call back on depend on it."""
    with listen(settings.api_host, settings.api_port) as listener:
        port: int = listener.getsockname()[1]
    return port


async def _run(rt: Runtime, started: Callable[[Serving], None], stop: asyncio.Event) -> None:
    settings, grace_seconds = rt.settings, rt.settings.shutdown_grace_sec
    web_started, stop_web, stop_workers = asyncio.Event(), asyncio.Event(), asyncio.Event()
    web = asyncio.create_task(
        serve_web(
            create_app(rt),
            settings.api_host,
            settings.api_port,
            started=lambda _address: web_started.set(),
            stop=stop_web,
            grace_seconds=grace_seconds,
        )
    )
    workers: asyncio.Task[None] | None = None
    try:
        # The first call's first question comes within milliseconds: the door is open before anybody is rung.
        await _first_of(web, web_started)
        if not web.done():
            workers = asyncio.create_task(run_embedded_workers(rt, stop_workers))
            started(Serving(local_url(settings), settings, rt))
            await _first_of(web, stop, workers)
    finally:
        await _end(workers, stop_workers, grace_seconds)
        await _end(web, stop_web, grace_seconds)


async def _first_of(*things: asyncio.Event | asyncio.Task[None]) -> None:
    waits = [thing if isinstance(thing, asyncio.Task) else asyncio.ensure_future(thing.wait()) for thing in things]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        if wait not in things:
            wait.cancel()


async def _end(task: asyncio.Task[None] | None, stop: asyncio.Event, grace_seconds: float) -> None:
    """Ask it to end, wait, and end it where it does not; raises what it failed with."""
    stop.set()
    if task is None:
        return
    await asyncio.wait({task}, timeout=grace_seconds)
    if not task.done():
        log.warning("something was still in hand; it is settled at the next start")
        task.cancel()
        await asyncio.wait({task}, timeout=1)
    elif not task.cancelled():
        task.result()
