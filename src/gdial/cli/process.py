"""The process of `gdial serve`: the web door and, where there is no broker, all the workers, over one Runtime."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

from gdial.cli.ending import end, first_of
from gdial.runtime import Runtime
from gdial.web.app import create_app
from gdial.web.server import serve as serve_web
from gdial.workers.embedded import run_embedded_workers
from gdial.workers.fallback import ring_where_needed
from gdial.workers.heartbeat import Identity, metrics_address, run_heartbeat
from gdial.workers.tidying import keep_folder_tidy

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
        await first_of(web, web_started)
        if not web.done():
            _settle_memory()
            workers = asyncio.create_task(_work(rt, stop_workers))
            started()
            await first_of(web, stop, workers)
    finally:
        give_up_at = asyncio.get_running_loop().time() + grace_seconds
        try:
            await end(workers, stop_workers, give_up_at)
        finally:
            await end(web, stop_web, give_up_at)


async def _work(rt: Runtime, stop: asyncio.Event) -> None:
    """Everything beside the web door, until `stop`."""
    is_alone = rt.settings.rabbitmq_url is None
    address = metrics_address(rt.settings.api_host, rt.settings.api_port)
    me = Identity("embedded" if is_alone else "web", address)
    over = asyncio.Event()
    helpers = asyncio.gather(run_heartbeat(rt, me, over), keep_folder_tidy(rt, over))
    try:
        await (run_embedded_workers(rt, stop) if is_alone else ring_where_needed(rt, stop))
    finally:
        over.set()
        await helpers


def _settle_memory() -> None:
    """What is loaded by now stays: left out of every collection, and collected less often, it delays no webhook."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
