"""Messages that came again: counted in the database, so that one which ends its worker does so a few times only."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from weakref import WeakSet

import structlog

from gdial.errors import PermanentError, TemporaryError
from gdial.queue.base import Delivery
from gdial.storage import redeliveries
from gdial.storage.database import Database

log = structlog.get_logger(__name__)

MOST_TIMES = 5
SUSPECT_AFTER = 2


class CameTooOften(PermanentError):
    """A message that is not tried any more."""


class Redelivered:
    """Counts for one consumer. A message that came for the first time costs nothing."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._counted: WeakSet[Delivery] = WeakSet()
        self._alone = asyncio.Lock()

    @asynccontextmanager
    async def watching(self, delivery: Delivery) -> AsyncIterator[None]:
        """Raises CameTooOften when this message came again more than five times.

        From the second time on it is counted and done with no other such message beside it: what merely lay in the
        same hand as the one that ends the worker is not blamed again.
        """
        if not delivery.redelivered or delivery in self._counted:
            yield
        elif await self._times(delivery) < SUSPECT_AFTER:
            await self._count(delivery)
            yield
        else:
            async with self._alone:
                await self._count(delivery)
                yield

    async def forget(self, delivery: Delivery) -> None:
        """It is done, or laid aside."""
        if not delivery.redelivered:
            return
        try:
            async with self._database.transaction() as tx:
                await redeliveries.forget(tx, _hash(delivery))
        except TemporaryError as error:
            log.warning("a message that came again stays counted", why=str(error))

    async def _times(self, delivery: Delivery) -> int:
        async with self._database.reading() as tx:
            return await redeliveries.times(tx, _hash(delivery))

    async def _count(self, delivery: Delivery) -> None:
        async with self._database.transaction() as tx:
            times = await redeliveries.count(tx, _hash(delivery), self._clock())
        self._counted.add(delivery)
        if times > MOST_TIMES:
            raise CameTooOften(f"it ended its worker, or was put off, {times} times")


def _hash(delivery: Delivery) -> str:
    return hashlib.sha256(delivery.body).hexdigest()
