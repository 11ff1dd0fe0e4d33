"""The queue on a RabbitMQ broker (3.10 to 4.x), for several processes on one machine or many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import PublishError

from gdial.errors import QueueUnavailable
from gdial.queue.base import Delivery
from gdial.queue.broker_link import AWAY_SECONDS, FAULTS, BrokerLink, Session, broker_faults
from gdial.queue.rabbit_consumer import RabbitConsumer, RabbitDelivery
from gdial.queue.topology import QueueType

CONFIRM_SECONDS = 5.0
"""For a broker that is there but slow, such as one that writes to a busy disk."""
MOST_UNCONFIRMED = 500


class RabbitQueue:
    """Implements `Queue`; open it with `RabbitQueue.open`. It connects again by itself.

    Plain durable queues have no priorities: order is by age alone. Not promised: a message whose publishing raised
    QueueUnavailable may have arrived all the same.
    """

    def __init__(self, link: BrokerLink) -> None:
        self._link = link
        self._window = asyncio.Semaphore(MOST_UNCONFIRMED)
        self._silences = 0
        self._consumers: list[RabbitConsumer] = []

    @classmethod
    async def open(cls, url: str, queue_type: QueueType | None = None, *, wait: bool = True) -> RabbitQueue:
        """Raises SetupError for a queue that is there with other arguments, or a login that the broker refuses.

        Without a broker: QueueUnavailable, or, with `wait=False`, a queue that connects in the background.
        """
        link = BrokerLink(url, queue_type)
        await link.start(wait=wait)
        return cls(link)

    @property
    def is_connected(self) -> bool:
        return self._link.is_connected

    async def wait_until_connected(self) -> None:
        """Raises QueueUnavailable when the queue is closed meanwhile."""
        await self._link.next_session()

    async def publish(
        self,
        queue_name: str,
        body: bytes,
        *,
        priority: int = 1,
        headers: Mapping[str, str] | None = None,
        persistent: bool = True,
    ) -> None:
        """Returns when the broker has confirmed it; publish many at once, and their confirms share the way."""
        message = Message(
            body,
            content_type="application/json",
            delivery_mode=DeliveryMode.PERSISTENT if persistent else DeliveryMode.NOT_PERSISTENT,
            priority=priority,
            headers=dict(headers or {}),
        )
        session = await self._link.session()
        silences = self._silences
        async with self._window:
            if self._silences != silences:
                raise QueueUnavailable(f"publishing to {queue_name}: the broker confirms nothing")
            try:
                with broker_faults(f"publishing to {queue_name}"):
                    await _send(session, queue_name, message)
            except QueueUnavailable as error:
                if isinstance(error.__cause__, TimeoutError):
                    # Who waits for a place in the window need not find out by another wait.
                    self._silences += 1
                raise

    async def consume(self, queue_name: str, prefetch: int) -> RabbitConsumer:
        """Also while the broker is away: messages come when it is back."""
        consumer = RabbitConsumer(self._link, queue_name, prefetch, self._republish)
        self._consumers.append(consumer)
        if self.is_connected:
            with suppress(TimeoutError):
                async with asyncio.timeout(AWAY_SECONDS):
                    await consumer.subscribed.wait()
        return consumer

    @asynccontextmanager
    async def looking(self, queue_name: str, most: int) -> AsyncIterator[list[Delivery]]:
        session = await self._link.session()
        with broker_faults(f"looking at {queue_name}"):
            await session.declare(queue_name)
            channel = await session.connection.channel(publisher_confirms=False)
        seen: list[Delivery] = []
        try:
            with broker_faults(f"looking at {queue_name}"):
                await self._fill(seen, channel, queue_name, most)
            yield seen
        finally:
            for delivery in seen:
                await delivery.give_back()
            with suppress(*FAULTS):
                await channel.close()

    async def depth(self, queue_name: str) -> int:
        session = await self._link.session()
        with broker_faults(f"counting {queue_name}"):
            async with asyncio.timeout(CONFIRM_SECONDS):
                return await session.count(queue_name)

    async def close(self) -> None:
        for consumer in self._consumers:
            await consumer.close()
        await self._link.close()

    async def _fill(self, seen: list[Delivery], channel: AbstractChannel, queue_name: str, most: int) -> None:
        queue = await channel.get_queue(queue_name, ensure=False)
        while len(seen) < most:
            message = await queue.get(fail=False)
            if message is None:
                return
            seen.append(RabbitDelivery(message, self._republish))

    async def _republish(self, message: AbstractIncomingMessage, headers: Mapping[str, str]) -> None:
        await self.publish(message.routing_key or "", message.body, priority=message.priority or 1, headers=headers)


async def _send(session: Session, queue_name: str, message: Message) -> None:
    await session.declare(queue_name)
    try:
        await _publish(session, queue_name, message)
    except PublishError:
        # Somebody deleted the queue since.
        await session.declare(queue_name, again=True)
        try:
            await _publish(session, queue_name, message)
        except PublishError:
            raise QueueUnavailable(f"the broker has no queue {queue_name}") from None


async def _publish(session: Session, queue_name: str, message: Message) -> None:
    channel = await session.publishing.get()
    await channel.default_exchange.publish(message, queue_name, mandatory=True, timeout=CONFIRM_SECONDS)
