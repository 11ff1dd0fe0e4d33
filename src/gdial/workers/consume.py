"""Take a job, run it, acknowledge it: at most `prefetch` at a time, until told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from gdial.errors import DatabaseUnavailable, InvalidInput, PermanentError, QueueUnavailable, TemporaryError
from gdial.monitoring.metrics import JobType, timed_job
from gdial.queue.base import Consumer, Delivery
from gdial.queue.dead_letters import lay_aside
from gdial.queue.jobs import LARGEST_JOB_BYTES
from gdial.runtime import Runtime
from gdial.workers.patience import growing_pauses, stops_within
from gdial.workers.redelivered import Redelivered

log = structlog.get_logger(__name__)

Handler = Callable[[bytes], Awaitable[None]]


async def consume(
    rt: Runtime, queue_name: str, job_type: JobType, prefetch: int, handle: Handler, stop: asyncio.Event
) -> None:
    """Runs until `stop`, then finishes what is in hand.

    A handler that raises a PermanentError has a job that nobody can do: it goes to `gdial.dead` as it came, with the
    reason; so does one that meets a fault of ours, and one that came again too often. A database or queue that is
    away is waited out with the job in hand; any other TemporaryError gives it back, after a pause.
    """
    work = _Work(rt, queue_name, job_type, handle, stop)
    consumer = await rt.queue.consume(queue_name, prefetch)
    in_hand: set[asyncio.Task[None]] = set()
    stopping = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            delivery = await _take(consumer, stopping)
            if delivery is None:
                break
            task = asyncio.create_task(work.run(delivery))
            in_hand.add(task)
            task.add_done_callback(in_hand.discard)
        await asyncio.gather(*in_hand)
    finally:
        stopping.cancel()
        for task in in_hand:
            task.cancel()
        await consumer.close()


async def _take(consumer: Consumer, stopping: asyncio.Future[Any]) -> Delivery | None:
    """The next one; None when told to stop before it came."""
    taking = asyncio.ensure_future(consumer.take())
    either: set[asyncio.Future[Any]] = {taking, stopping}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return taking.result() if taking.done() else None
    finally:
        taking.cancel()


class _Work:
    """What one consumer does with each of its messages."""

    def __init__(self, rt: Runtime, queue_name: str, job_type: JobType, handle: Handler, stop: asyncio.Event) -> None:
        self._rt = rt
        self._queue_name = queue_name
        self._job_type = job_type
        self._handle = handle
        self._stop = stop
        self._redelivered = Redelivered(rt.database, rt.clock)

    async def run(self, delivery: Delivery) -> None:
        """Ends with the message acknowledged or given back, whatever happens."""
        for pause in growing_pauses():
            try:
                if await self._is_settled(delivery):
                    await delivery.acknowledge()
                    return
                waits = False
            except (DatabaseUnavailable, QueueUnavailable) as error:
                log.warning("job waits for what is away", queue=self._queue_name, why=str(error))
                waits = True
            if await stops_within(self._stop, pause) or not waits:
                await delivery.give_back()
                return

    async def _is_settled(self, delivery: Delivery) -> bool:
        """Whether it was done or laid aside; not, when it has to come again."""
        try:
            async with self._redelivered.watching(delivery):
                await self._do(delivery.body)
        except (DatabaseUnavailable, QueueUnavailable):
            raise
        except TemporaryError as error:
            log.warning("job put off", queue=self._queue_name, why=str(error))
            return False
        except PermanentError as error:
            await self._lay_aside(delivery, str(error))
        except Exception as error:
            log.exception("job failed", queue=self._queue_name)
            await self._lay_aside(delivery, f"a fault inside GDial, told in its log: {type(error).__name__}")
        await self._redelivered.forget(delivery)
        return True

    async def _do(self, body: bytes) -> None:
        with timed_job(self._job_type):
            if len(body) > LARGEST_JOB_BYTES:
                raise InvalidInput(
                    f"is too big: {len(body)} bytes; a job has at most {LARGEST_JOB_BYTES}", where="body"
                )
            await self._handle(body)

    async def _lay_aside(self, delivery: Delivery, reason: str) -> None:
        self._rt.alarms.sound(
            "dead letter", "a job cannot be done; it lies in gdial.dead", queue=self._queue_name, why=reason
        )
        await lay_aside(self._rt.queue, self._queue_name, delivery.body, reason, self._rt.clock())
