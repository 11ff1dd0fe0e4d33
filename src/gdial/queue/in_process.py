"""The queue inside the process: gone with it, which loses nothing, since the database says who is due."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import count

from gdial.errors import QueueUnavailable

MOST_MESSAGES = 200_000

Entry = tuple[int, int, bytes]


class InProcessQueue:
    """Implements `Queue`. Highest priority first, then first come, first served."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, asyncio.PriorityQueue[Entry]] = defaultdict(
            lambda: asyncio.PriorityQueue(MOST_MESSAGES)
        )
        self._order = count()

    async def publish(self, queue_name: str, body: bytes, *, priority: int = 1) -> None:
        try:
            self._lines[queue_name].put_nowait((-priority, next(self._order), body))
        except asyncio.QueueFull:
            raise QueueUnavailable(f"{queue_name} is full: {MOST_MESSAGES} messages wait") from None

    async def consume(self, queue_name: str, prefetch: int) -> InProcessConsumer:
        return InProcessConsumer(self._lines[queue_name], prefetch)

    async def depth(self, queue_name: str) -> int:
        return self._lines[queue_name].qsize()

    async def close(self) -> None:
        self._lines.clear()


class InProcessConsumer:
    def __init__(self, line: asyncio.PriorityQueue[Entry], prefetch: int) -> None:
        self._line = line
        self._hands = asyncio.Semaphore(prefetch)
        self._held: set[InProcessDelivery] = set()

    async def take(self) -> InProcessDelivery:
        await self._hands.acquire()
        try:
            entry = await self._line.get()
        except asyncio.CancelledError:
            self._hands.release()
            raise
        delivery = InProcessDelivery(self, entry)
        self._held.add(delivery)
        return delivery

    def let_go(self, delivery: InProcessDelivery, *, again: bool) -> None:
        if delivery not in self._held:
            return
        self._held.discard(delivery)
        self._hands.release()
        if again:
            self._line.put_nowait(delivery.entry)

    async def close(self) -> None:
        for delivery in list(self._held):
            self.let_go(delivery, again=True)


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
