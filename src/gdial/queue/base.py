"""The port to a queue, whether inside the process or a broker. Delivery is at least once; order is by priority,
then by age, as far as the queue can keep it: nothing may depend on it."""

from __future__ import annotations

from typing import Protocol


class Delivery(Protocol):
    """A message in hand: acknowledge it when its work is stored, or give it back to be delivered again."""

    @property
    def body(self) -> bytes: ...

    async def acknowledge(self) -> None: ...

    async def give_back(self) -> None: ...


class Consumer(Protocol):
    """One reader of one queue, holding at most its prefetch unacknowledged."""

    async def take(self) -> Delivery:
        """The next message; waits for one. Raises QueueUnavailable when the queue is gone."""
        ...

    async def close(self) -> None:
        """Take no more; what is unacknowledged is delivered to somebody else."""
        ...


class Queue(Protocol):
    async def publish(self, queue_name: str, body: bytes, *, priority: int = 1) -> None:
        """Returns when the queue has the message. Raises QueueUnavailable when it did not take it."""
        ...

    async def consume(self, queue_name: str, prefetch: int) -> Consumer: ...

    async def depth(self, queue_name: str) -> int:
        """How many messages wait, those in hand left out."""
        ...

    async def close(self) -> None: ...
