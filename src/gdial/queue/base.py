"""The port to a queue, whether inside the process or a broker. Delivery is at least once; order is by priority,
then by age, as far as the queue can keep it: nothing may depend on it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Delivery(Protocol):
    """A message in hand: acknowledge it when its work is stored, or give it back to be delivered again."""

    @property
    def body(self) -> bytes: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What its publisher said about it; values that are no text are shown as text."""
        ...

    @property
    def redelivered(self) -> bool:
        """It was in somebody's hand before; a broker may say so also of one that nobody ever saw."""
        ...

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
    @property
    def is_connected(self) -> bool:
        """Whether jobs can be published and taken at this moment, as far as anybody has noticed."""
        ...

    async def publish(
        self, queue_name: str, body: bytes, *, priority: int = 1, headers: Mapping[str, str] | None = None
    ) -> None:
        """Returns when the queue has the message. Raises QueueUnavailable when it did not take it."""
        ...

    async def consume(self, queue_name: str, prefetch: int) -> Consumer: ...

    def looking(self, queue_name: str, most: int) -> AbstractAsyncContextManager[list[Delivery]]:
        """Up to `most` of the messages that wait now, in the hand as long as the block lasts; never waits for more.

        What is not acknowledged inside goes back when the block ends.
        """
        ...

    async def depth(self, queue_name: str) -> int:
        """How many messages wait, those in hand left out."""
        ...

    async def close(self) -> None: ...
