"""Whether it is worth feeding the queue: five feeds that nobody takes end a person as not reached."""

from __future__ import annotations

import asyncio

from gdial.runtime import Runtime
from gdial.storage import workers
from gdial.storage.workers import BEAT_SECONDS


class FeedGate:
    """Open where the queue is there and somebody rings whom it names.

    `rings_here`: the call worker is part of this process. Else the heartbeats of the others tell.
    """

    def __init__(self, rt: Runtime, *, rings_here: bool) -> None:
        self._rt = rt
        self._rings_here = rings_here
        self._believed_until = float("-inf")

    async def is_open(self) -> bool:
        if not self._rt.queue.is_connected:
            return False
        return self._rings_here or await self._somebody_rings()

    async def _somebody_rings(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._believed_until:
            return True
        async with self._rt.database.reading() as tx:
            found = await workers.everybody(tx)
            alive = workers.count_alive(found, await workers.time_here(tx, self._rt.clock()))
        if not alive["call"]:
            return False
        self._believed_until = now + BEAT_SECONDS
        return True
