"""The queue inside the process: gone with it, which loses nothing, since the database says who is due."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from gdial.errors import QueueUnavailable
from gdial.queue.base import Delivery

MOST_MESSAGES = 200_000


class Entry(NamedTuple):
    """Compared by its first two fields alone, since no two have the same `order`."""

    urgency: int
    order: int
    body: bytes
    headers: Mapping[str, str]
    redelivered: bool = False


class InProcessQueue:
    """Implements `Queue`. Highest priority first, then first come, first served."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, _Line] = defaultdict(_Line)
        self._order = count()
        self._consumers: list[InProcessConsumer] = []

    @property
    def is_connected(self) -> bool:
        return True

    async def publish(
        self, queue_name: str, body: bytes, *, priority: int = 1, headers: Mapping[str, str] | None = None
    ) -> None:
        line = self._lines[queue_name]
        if len(line.entries) >= MOST_MESSAGES:
            raise QueueUnavailable(f"{queue_name} is full: {MOST_MESSAGES} messages wait")
        line.put(Entry(-priority, next(self._order), body, dict(headers or {})))

    async def consume(self, queue_name: str, prefetch: int) -> InProcessConsumer:
        consumer = InProcessConsumer(self._lines[queue_name], prefetch)
        self._consumers.append(consumer)
        return consumer

    @asynccontextmanager
    async def looking(self, queue_name: str, most: int) -> AsyncIterator[list[Delivery]]:
        consumer = InProcessConsumer(self._lines[queue_name], most)
        try:
            yield consumer.take_waiting()
        finally:
            await consumer.close()

    async def depth(self, queue_name: str) -> int:
        return len(self._lines[queue_name].entries)

    async def close(self) -> None:
        for consumer in self._consumers:
            await consumer.close()
        self._lines.clear()


class InProcessConsumer:
    def __init__(self, line: _Line, prefetch: int) -> None:
        self._line = line
        self._prefetch = prefetch
        self._held: set[InProcessDelivery] = set()
        self._closed = False

    async def take(self) -> InProcessDelivery:
        while not self._closed:
            if self._has_one():
                return self._take_now()
            await self._line.change()
        raise QueueUnavailable("this consumer was closed")

    def take_waiting(self) -> list[Delivery]:
        """What it may hold of those that wait, without waiting."""
        taken: list[Delivery] = []
        while self._has_one():
            taken.append(self._take_now())
        return taken

    def _has_one(self) -> bool:
        return bool(self._line.entries) and len(self._held) < self._prefetch

    def _take_now(self) -> InProcessDelivery:
        delivery = InProcessDelivery(self, self._line.take())
        self._held.add(delivery)
        return delivery

    def let_go(self, delivery: InProcessDelivery, *, again: bool) -> None:
        if delivery not in self._held:
            return
        self._held.discard(delivery)
        if again:
            # Even where the line is full by now: what had a place keeps it.
            self._line.put(delivery.entry._replace(redelivered=True))
        self._line.tell_change()

    async def close(self) -> None:
        self._closed = True
        for delivery in list(self._held):
            self.let_go(delivery, again=True)
        self._line.tell_change()


class InProcessDelivery:
    def __init__(self, consumer: InProcessConsumer, entry: Entry) -> None:
        self._consumer = consumer
        self.entry = entry

    @property
    def body(self) -> bytes:
        return self.entry.body

    @property
    def headers(self) -> Mapping[str, str]:
        return self.entry.headers

    @property
    def redelivered(self) -> bool:
        return self.entry.redelivered

    async def acknowledge(self) -> None:
        self._consumer.let_go(self, again=False)

    async def give_back(self) -> None:
        self._consumer.let_go(self, again=True)


class _Line:
    """Messages that wait. Who waits for a change looks again when something came or a hand became free."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._changed = asyncio.Event()

    def put(self, entry: Entry) -> None:
        heappush(self.entries, entry)
        self.tell_change()

    def take(self) -> Entry:
        return heappop(self.entries)

    def tell_change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        await self._changed.wait()
