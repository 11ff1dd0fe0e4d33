"""The change feed of this process: viewers of one run share one `LiveRun`.

Whoever comes, or comes back, is first told everything: so a lost connection loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from jinja2 import Environment

from gdial.errors import TemporaryError
from gdial.runtime import Runtime
from gdial.web.dashboard.live_run import LiveRun

MOST_VIEWERS = 200
KEEP_ALIVE_SECONDS = 15.0
LONGEST_SECONDS = 60.0
"""Then the browser comes again by itself, and it is looked anew whether it still may."""
COME_AGAIN = b"retry: 300\n\n"
KEEP_ALIVE = b": \n\n"


class TooManyViewers(TemporaryError):
    """This process tells as many viewers as it may."""


@dataclass(slots=True)
class Watched:
    live: LiveRun
    looking: asyncio.Task[None]
    stop: asyncio.Event


class LiveFeed:
    def __init__(self, rt: Runtime, environments: Mapping[str, Environment], most_viewers: int = MOST_VIEWERS) -> None:
        self._rt = rt
        self._environments = environments
        self._watched: dict[UUID, Watched] = {}
        self._viewers = 0
        self._most_viewers = most_viewers

    async def follow(self, run_id: UUID, language: str, stop: asyncio.Event) -> AsyncGenerator[bytes, None]:
        """What is to be sent to one viewer, until `stop`, for a minute at most. Raises TooManyViewers."""
        until = asyncio.get_running_loop().time() + LONGEST_SECONDS
        with self._watching(run_id, stop) as (live, woken):
            yield COME_AGAIN
            seen = 0
            while not live.is_over:
                woken.clear()
                if live.version > seen:
                    said, seen = live.told_since(language, seen), live.version
                    yield said
                    continue
                left = until - asyncio.get_running_loop().time()
                if left <= 0:
                    return
                if not await _set_within(woken, min(left, KEEP_ALIVE_SECONDS)):
                    yield KEEP_ALIVE

    @contextmanager
    def _watching(self, run_id: UUID, stop: asyncio.Event) -> Iterator[tuple[LiveRun, asyncio.Event]]:
        if self._viewers >= self._most_viewers:
            raise TooManyViewers("too many people watch runs here at once")
        watched = self._watched.get(run_id)
        if watched is None or watched.live.is_over:
            watched = self._watched[run_id] = self._begin(run_id, stop)
        woken = asyncio.Event()
        watched.live.viewers.add(woken)
        self._viewers += 1
        try:
            yield watched.live, woken
        finally:
            self._viewers -= 1
            watched.live.viewers.discard(woken)
            if not watched.live.viewers:
                watched.stop.set()
                if self._watched.get(run_id) is watched:
                    del self._watched[run_id]

    def _begin(self, run_id: UUID, stop: asyncio.Event) -> Watched:
        live = LiveRun(self._rt, self._environments, run_id)
        own_stop = asyncio.Event()
        return Watched(live, asyncio.create_task(_look_until(live, own_stop, stop)), own_stop)


async def _look_until(live: LiveRun, *stops: asyncio.Event) -> None:
    """Until nobody watches any more, or the process stops."""
    looking = asyncio.ensure_future(live.keep_looking(stops[0]))
    waits = [asyncio.ensure_future(stop.wait()) for stop in stops]
    try:
        await asyncio.wait([looking, *waits], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stops[0].set()
        for wait in waits:
            wait.cancel()
        await looking


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        return await asyncio.wait_for(event.wait(), seconds)
    return False
