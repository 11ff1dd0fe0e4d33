"""One connection to the broker, made again by itself whenever it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError, AuthenticationError, ProbableAuthenticationError
from yarl import URL

from gdial.errors import QueueUnavailable, SetupError
from gdial.queue import topology
from gdial.queue.jobs import QUEUES
from gdial.queue.topology import QueueType

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 5.0
AWAY_SECONDS = 2.0
"""So long somebody waits for a broker that is away."""
HEARTBEAT_SECONDS = 10

# aiormq tells of a closed channel with a RuntimeError.
FAULTS = (AMQPError, OSError, TimeoutError, RuntimeError)


def growing_pauses() -> Iterator[float]:
    """Seconds between two tries to connect."""
    return chain((0.1, 0.25, 0.5, 1.0, 2.0), repeat(5.0))


@contextmanager
def broker_faults(doing: str) -> Iterator[None]:
    """What the client raises when the broker fails becomes QueueUnavailable."""
    try:
        yield
    except FAULTS as error:
        raise QueueUnavailable(f"{doing}: {_told(error)}") from error
    except asyncio.CancelledError:
        # The client cancels what waits when its connection ends, though nobody cancelled this task.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise QueueUnavailable(f"{doing}: the connection to the broker was lost") from None


class KeptChannel:
    """A channel that is opened again after an error closed it."""

    def __init__(self, connection: AbstractConnection, *, confirms: bool) -> None:
        self._connection = connection
        self._confirms = confirms
        self._lock = asyncio.Lock()
        self._channel: AbstractChannel | None = None

    async def get(self) -> AbstractChannel:
        async with self._lock:
            if self._channel is None or self._channel.is_closed:
                self._channel = await self._connection.channel(
                    publisher_confirms=self._confirms, on_return_raises=self._confirms
                )
            return self._channel


class Session:
    """A connection while it lasts: the channel that publishes, the one that asks, and which queues are there."""

    def __init__(self, connection: AbstractConnection, queue_type: QueueType | None) -> None:
        self.connection = connection
        self.lost = asyncio.Event()
        connection.close_callbacks.add(lambda *_: self.lost.set())
        self.publishing = KeptChannel(connection, confirms=True)
        self._queue_type = queue_type
        self._asking = KeptChannel(connection, confirms=False)
        self._lock = asyncio.Lock()
        self._declared: set[str] = set()

    async def declare_all(self) -> None:
        """Raises SetupError for a queue that is there with other arguments."""
        await topology.declare_all(await self._asking.get(), self._queue_type)
        self._declared.update(QUEUES)

    async def declare(self, name: str, *, again: bool = False) -> None:
        """See that this queue is there; `again` also where it was before."""
        if again or name not in self._declared:
            await self.count(name)

    async def count(self, name: str) -> int:
        """How many messages wait; the queue is there afterwards, also when somebody had deleted it."""
        # One at a time: a question that is given up closes the channel.
        async with self._lock:
            try:
                waiting = await topology.declare(await self._asking.get(), name, self._queue_type)
            except SetupError as error:
                raise QueueUnavailable(str(error)) from None
        self._declared.add(name)
        return waiting


class BrokerLink:
    """Connects, and connects again with growing pauses. Every new connection finds the queues declared."""

    def __init__(self, url: str, queue_type: QueueType | None) -> None:
        given = URL(url)
        self._url = given.update_query({"heartbeat": str(HEARTBEAT_SECONDS), "name": "gdial"} | dict(given.query))
        self._shown = str(given.with_user(None).with_query(None))
        self._queue_type = queue_type
        self._session: Session | None = None
        self._connected = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._fault = ""
        self._is_closed = False

    @property
    def is_connected(self) -> bool:
        return self._session is not None and not self._session.lost.is_set()

    async def start(self, *, wait: bool) -> None:
        """Raises SetupError for what only an operator can mend; QueueUnavailable only with `wait`."""
        try:
            self._session = await self._open()
        except QueueUnavailable:
            if wait:
                raise
        self._keeping = asyncio.create_task(self._keep_connected(self._session))

    async def session(self, within_seconds: float = AWAY_SECONDS) -> Session:
        """The connection of now. Raises QueueUnavailable when there is none within this time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                return await self.next_session()
        raise QueueUnavailable(f"the broker at {self._shown} does not answer: {self._fault or 'connection lost'}")

    async def next_session(self) -> Session:
        """The connection, however long it takes. Raises QueueUnavailable only when the link was closed."""
        while not self._is_closed:
            if self._session is not None and not self._session.lost.is_set():
                return self._session
            self._connected.clear()
            await self._connected.wait()
        raise QueueUnavailable("the queue was closed")

    async def close(self) -> None:
        self._is_closed = True
        self._connected.set()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._session is not None:
            with suppress(*FAULTS):
                await self._session.connection.close()

    async def _keep_connected(self, session: Session | None) -> None:
        pauses = growing_pauses()
        while True:
            if session is not None:
                pauses = growing_pauses()
                await self._use(session)
            try:
                session = await self._open()
            except (QueueUnavailable, SetupError) as error:
                session = None
                self._tell(str(error))
                await asyncio.sleep(next(pauses))

    async def _use(self, session: Session) -> None:
        self._session, self._fault = session, ""
        self._connected.set()
        log.info("connected to the broker", broker=self._shown)
        await session.lost.wait()
        self._session = None
        self._connected.clear()
        self._tell("the connection was lost")

    def _tell(self, fault: str) -> None:
        """Each fault once, not at every try."""
        if fault != self._fault:
            log.warning("the broker is away", broker=self._shown, why=fault)
        self._fault = fault

    async def _open(self) -> Session:
        try:
            with broker_faults(f"no connection to the broker at {self._shown}"):
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await self._connect()
        except QueueUnavailable as error:
            if isinstance(error.__cause__, AuthenticationError | ProbableAuthenticationError):
                raise SetupError(
                    f"{error}. Set RABBITMQ_URL to a user, password and vhost that the broker knows"
                ) from None
            raise

    async def _connect(self) -> Session:
        connection = await aio_pika.connect(self._url)
        try:
            session = Session(connection, self._queue_type)
            await session.declare_all()
        except BaseException:
            await connection.close()
            raise
        return session


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__
