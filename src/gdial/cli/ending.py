"""Ending in order: ask a task to end, give it its time, and end it where it takes longer."""

from __future__ import annotations

import asyncio

import structlog

SHORTEST_SECONDS = 1.0

log = structlog.get_logger(__name__)


async def first_of(*things: asyncio.Event | asyncio.Task[None]) -> None:
    """Wait until one of them is set or done."""
    waits = [thing if isinstance(thing, asyncio.Task) else asyncio.ensure_future(thing.wait()) for thing in things]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        if wait not in things:
            wait.cancel()


async def end(task: asyncio.Task[None] | None, stop: asyncio.Event, give_up_at: float) -> None:
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
