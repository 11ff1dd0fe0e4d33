"""Store what is known already, however long the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gdial.errors import DatabaseUnavailable

log = structlog.get_logger(__name__)

WAITS_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
MOST_TRIES = 20


async def until_stored(store: Callable[[], Awaitable[None]]) -> None:
    """Try again with growing pauses, about 75 s in all; then DatabaseUnavailable, and the reconciler finds out anew."""
    for tried in range(MOST_TRIES):
        try:
            return await store()
        except DatabaseUnavailable as error:
            if tried + 1 == MOST_TRIES:
                raise
            wait = WAITS_SECONDS[min(tried, len(WAITS_SECONDS) - 1)]
            log.warning("not stored yet", why=str(error), again_in_seconds=wait)
            await asyncio.sleep(wait)
    return None
