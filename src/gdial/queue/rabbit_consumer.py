"""Taking messages from RabbitMQ, through lost connections, a restarted broker and a deleted queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from gdial.errors import QueueUnavailable, SetupError
from gdial.queue.broker_link import FAULTS, BrokerLink, Session, broker_faults, growing_pauses

log = structlog.get_logger(__name__)

COUNT_HEADERS = ("x-delivery-count", "x-acquired-count")
"""What a quorum queue writes on a message that comes again."""
MOST_RETURNS = 10
"""A quorum queue throws a message away that came back too often (RabbitMQ 4: 20 times unless told otherwise); before
that it is replaced by a fresh copy of itself."""

Republish = Callable[[AbstractIncomingMessage, Mapping[str, str]], Awaitable[None]]


class RabbitDelivery:
    """A message in hand. One whose channel is gone is let go of silently: it comes again by itself."""

    def __init__(self, message: AbstractIncomingMessage, republish: Republish) -> None:
        self._message = message
        self._republish = republish
        self._is_settled = False

    @property
    def body(self) -> bytes:
        return self._message.body

    @property
    def headers(self) -> Mapping[str, str]:
        return {name: _text(value) for name, value in self._message.headers.items() if name not in COUNT_HEADERS}

    @property
    def redelivered(self) -> bool:
        return bool(self._message.redelivered)

    async def acknowledge(self) -> None:
        if not self._is_settled:
            self._is_settled = True
            with suppress(*FAULTS):
                await self._message.ack()

    async def give_back(self) -> None:
        if self._is_settled:
            return
        if self._returns >= MOST_RETURNS:
            with suppress(QueueUnavailable):
                await self._republish(self._message, self.headers)
                await self.acknowledge()
                return
        self._is_settled = True
        with suppress(*FAULTS):
            await self._message.nack(requeue=True)

    @property
    def _returns(self) -> int:
        count = self._message.headers.get("x-delivery-count")
        return count if isinstance(count, int) else 0


class RabbitConsumer:
    """Subscribes, and again after every loss, until it is closed."""

    def __init__(self, link: BrokerLink, queue_name: str, prefetch: int, republish: Republish) -> None:
        self._link = link
        self._queue_name = queue_name
        self._prefetch = prefetch
        self._republish = republish
        self._incoming: asyncio.Queue[RabbitDelivery | None] = asyncio.Queue()
        self.subscribed = asyncio.Event()
        self._keeping = asyncio.create_task(self._keep_subscribed())

    async def take(self) -> RabbitDelivery:
        delivery = await self._incoming.get()
        if delivery is None:
            self._incoming.put_nowait(None)
            raise QueueUnavailable("this consumer was closed")
        return delivery

    async def close(self) -> None:
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)
        self._forget_waiting()
        self._incoming.put_nowait(None)

    async def _keep_subscribed(self) -> None:
        pauses = growing_pauses()
        while True:
            session = await self._link.next_session()
            try:
                with broker_faults(f"consuming {self._queue_name}"):
                    await self._consume(session)
                pauses = growing_pauses()
            except (QueueUnavailable, SetupError) as error:
                log.warning("a subscription was lost", queue=self._queue_name, why=str(error))
            await asyncio.sleep(next(pauses))

    async def _consume(self, session: Session) -> None:
        """Returns when the channel closed, or the broker ended the subscription, as it does for a deleted queue."""
        ended = asyncio.Event()
        await session.declare(self._queue_name, again=True)
        channel = await session.connection.channel(publisher_confirms=False)
        try:
            await self._subscribe(channel, ended)
            self.subscribed.set()
            closed = asyncio.ensure_future(channel.closed())
            cancelled = asyncio.ensure_future(ended.wait())
            try:
                await asyncio.wait((closed, cancelled), return_when=asyncio.FIRST_COMPLETED)
            finally:
                closed.cancel()
                cancelled.cancel()
        finally:
            self._forget_waiting()
            with suppress(*FAULTS):
                await channel.close()

    async def _subscribe(self, channel: AbstractChannel, ended: asyncio.Event) -> None:
        async def came(message: AbstractIncomingMessage) -> None:
            self._incoming.put_nowait(RabbitDelivery(message, self._republish))

        await channel.set_qos(prefetch_count=self._prefetch)
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lambda _: ended.set())
        queue = await channel.get_queue(self._queue_name, ensure=False)
        await queue.consume(came)

    def _forget_waiting(self) -> None:
        """What nobody took came over a channel that is gone: the broker delivers it again."""
        while not self._incoming.empty():
            self._incoming.get_nowait()


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
