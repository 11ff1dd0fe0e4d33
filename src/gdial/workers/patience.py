"""What is away is waited for with growing pauses, until it is there or the process is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import structlog

from gdial.errors import TemporaryError

LONGEST_PAUSE_SECONDS = 30.0

T = TypeVar("T")

log = structlog.get_logger(__name__)


def growing_pauses() -> Iterator[float]:
    """1, 2, 4 … seconds, LONGEST_PAUSE_SECONDS at most."""
    pause = 1.0
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def stops_within(stop: asyncio.Event, seconds: float) -> bool:
    """Wait, but not on; whether told to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True


async def patiently(
    attempt: Callable[[], Awaitable[T]], stop: asyncio.Event, failed: Callable[[TemporaryError], None] = lambda _: None
) -> T | None:
    """What the first attempt gives that does not fail for now; None when told to stop before. `failed` hears of each
    that did."""
    for pause in growing_pauses():
        if stop.is_set():
            return None
        try:
            return await attempt()
        except TemporaryError as error:
            failed(error)
            log.warning("waiting for what is away", again_in_seconds=pause, why=str(error))
        await stops_within(stop, pause)
    return None
