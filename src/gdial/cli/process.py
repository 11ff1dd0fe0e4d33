"""One process that does all: the web door and the workers, over one Runtime."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import structlog

from gdial.runtime import Runtime
from gdial.web.app import create_app
from gdial.web.server import serve as serve_web
from gdial.workers.embedded import run_embedded_workers

SHORTEST_SECONDS = 1.0

log = structlog.get_logger(__name__)

COLLECT_AFTER = (50_000, 20, 50)


async def run_process(rt: Runtime, started: Callable[[], None], stop: asyncio.Event) -> None:
    """Serve and ring until `stop`, then finish what is in hand, for SHUTDOWN_GRACE_SEC at most."""
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
            _settle_memory()
            workers = asyncio.create_task(run_embedded_workers(rt, stop_workers))
            started()
            await _first_of(web, stop, workers)
    finally:
        give_up_at = asyncio.get_running_loop().time() + grace_seconds
        try:
            await _end(workers, stop_workers, give_up_at)
        finally:
            await _end(web, stop_web, give_up_at)


def _settle_memory() -> None:
    """What is loaded by now stays: left out of every collection, and collected less often, it delays no webhook."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def _first_of(*things: asyncio.Event | asyncio.Task[None]) -> None:
    waits = [thing if isinstance(thing, asyncio.Task) else asyncio.ensure_future(thing.wait()) for thing in things]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        if wait not in things:
            wait.cancel()


async def _end(task: asyncio.Task[None] | None, stop: asyncio.Event, give_up_at: float) -> None:
    """Ask it to end, wait until then, and end it where it does not; raises what it failed with."""
    stop.set()
    if task is None:
        return
    await asyncio.wait({task}, timeout=max(SHORTEST_SECONDS, give_up_at - asyncio.get_running_loop().time()))
    if not task.done():
        log.warning("something was still in hand; it is settled at the next start")
        task.cancel()
        await asyncio.wait({task}, timeout=SHORTEST_SECONDS)
    elif not task.cancelled():
        task.result()
