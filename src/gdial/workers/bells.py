"""Bells that ring in one process wake the scheduler in another at once; its tick is the safety net."""

from __future__ import annotations

import asyncio

import structlog

from gdial.errors import TemporaryError
from gdial.runtime import Bells, Runtime
from gdial.storage.bells import BellLine
from gdial.workers.patience import growing_pauses, stops_within

log = structlog.get_logger(__name__)

REST_SECONDS = 0.02
"""Rings within a rest are one."""


def named(bells: Bells) -> dict[str, asyncio.Event]:
    return {"feed": bells.feed, "close_runs": bells.close_runs}


async def relay_bells(rt: Runtime, stop: asyncio.Event) -> None:
    """Pass on what rings in this process, which has no scheduler of its own, until `stop`."""
    line = BellLine(rt.database.url)
    pauses = growing_pauses()
    try:
        while not stop.is_set():
            await _any_of(*named(rt.bells).values(), stop)
            try:
                await _pass_on(line, rt.bells)
                pauses = growing_pauses()
            except TemporaryError as error:
                log.warning("the scheduler is not woken; it looks by itself", why=str(error))
                await stops_within(stop, next(pauses))
            await stops_within(stop, REST_SECONDS)
    finally:
        await line.close()


async def _pass_on(line: BellLine, bells: Bells) -> None:
    for name, bell in named(bells).items():
        if bell.is_set():
            bell.clear()
            await line.ring(name)


async def listen_for_bells(rt: Runtime, stop: asyncio.Event) -> None:
    """Ring in this process what rings in others, until `stop`."""
    line = BellLine(rt.database.url)
    bells = named(rt.bells)
    pauses = growing_pauses()

    def hear(name: str) -> None:
        if name in bells:
            bells[name].set()

    def hear_all() -> None:
        # What rang while nobody listened is not known.
        for bell in bells.values():
            bell.set()

    while not stop.is_set():
        listening = asyncio.ensure_future(line.listen(hear, hear_all))
        await _any_of(listening, stop)
        if not listening.done():
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            return
        if not isinstance(error := listening.exception(), TemporaryError):
            listening.result()
        log.warning("bells of other processes are not heard; looking each second", why=str(error))
        await stops_within(stop, next(pauses))


async def _any_of(*things: asyncio.Event | asyncio.Future[None]) -> None:
    waits = [thing if isinstance(thing, asyncio.Future) else asyncio.ensure_future(thing.wait()) for thing in things]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait, thing in zip(waits, things, strict=True):
            if wait is not thing:
                wait.cancel()
