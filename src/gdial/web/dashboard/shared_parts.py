"""A part of a page that many viewers ask for at the same moment is made once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable

KEPT_SECONDS = 2.0
MOST_KEPT = 64


class SharedParts:
    """Parts hold nothing of who asks: no token, no name."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, tuple[float, asyncio.Future[str]]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[str]]) -> str:
        """At most KEPT_SECONDS old."""
        now = time.monotonic()
        made_at, part = self._parts.get(key, (0.0, None))
        if part is None or now - made_at > KEPT_SECONDS or (part.done() and part.exception() is not None):
            part = asyncio.ensure_future(make())
            self._forget_old(now)
            self._parts[key] = now, part
        return await asyncio.shield(part)

    def _forget_old(self, now: float) -> None:
        self._parts = {key: kept for key, kept in self._parts.items() if now - kept[0] <= KEPT_SECONDS}
        if len(self._parts) >= MOST_KEPT:
            self._parts.clear()
