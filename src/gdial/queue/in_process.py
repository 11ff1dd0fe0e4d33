"""The queue inside the process: gone with it, which loses nothing, since the database says who is due."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from heapq import heappop, heappush
from itertools import count

from gdial.errors import QueueUnavailable

MOST_MESSAGES = 200_000

Entry = tuple[int, int, bytes]


class InProcessQueue:
    """Implements `Queue`. Highest priority first, then first come, first served."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, _Line] = defaultdict(_Line)
        self._order = count()
        self._consumers: list[InProcessConsumer] = []

    async def publish(self, queue_name: str, body: bytes, *, priority: int = 1) -> None:
        line = self._lines[queue_name]
        if len(line.entries) >= MOST_MESSAGES:
            raise QueueUnavailable(f"{queue_name} is full: {MOST_MESSAGES} messages wait")
        line.put((-priority, next(self._order), body))

    async def consume(self, queue_name: str, prefetch: int) -> InProcessConsumer:
        consumer = InProcessConsumer(self._lines[queue_name], prefetch)
        self._consumers.append(consumer)
        return consumer

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
            if self._line.entries and len(self._held) < self._prefetch:
                delivery = InProcessDelivery(self, self._line.take())
                self._held.add(delivery)
                return delivery
            await self._line.change()
        raise QueueUnavailable("this consumer was closed")

    def let_go(self, delivery: InProcessDelivery, *, again: bool) -> None:
        if delivery not in self._held:
            return
        self._held.discard(delivery)
        if again:
            # Even where the line is full by now: what had a place keeps it.
            self._line.put(delivery.entry)
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
        return self.entry[2]

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
