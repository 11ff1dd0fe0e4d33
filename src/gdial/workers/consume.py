"""Take a job, run it, acknowledge it: at most `prefetch` at a time, until told to stop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from gdial.errors import PermanentError, TemporaryError
from gdial.monitoring.metrics import JobType, timed_job
from gdial.queue.base import Consumer, Delivery
from gdial.queue.jobs import DEAD
from gdial.runtime import Runtime

log = structlog.get_logger(__name__)

AGAIN_AFTER_SECONDS = 1.0

Handler = Callable[[bytes], Awaitable[None]]


async def consume(
    rt: Runtime, queue_name: str, job_type: JobType, prefetch: int, handle: Handler, stop: asyncio.Event
) -> None:
    """Runs until `stop`, then finishes what is in hand.

    A handler that raises a PermanentError has a job that nobody can do: it goes to `gdial.dead` with the reason. A
    TemporaryError gives the job back, after a pause. Any other error is a fault of ours: it is told, and the job is
    not tried again for ever. A person to ring is due again by then, as the database says.
    """
    consumer = await rt.queue.consume(queue_name, prefetch)
    in_hand: set[asyncio.Task[None]] = set()
    stopping = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            delivery = await _take(consumer, stopping)
            if delivery is None:
                break
            task = asyncio.create_task(_run(rt, delivery, queue_name, job_type, handle))
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


async def _run(rt: Runtime, delivery: Delivery, queue_name: str, job_type: JobType, handle: Handler) -> None:
    try:
        await _do(rt, delivery.body, queue_name, job_type, handle)
    except TemporaryError as error:
        log.warning("job put off", queue=queue_name, why=str(error))
        await asyncio.sleep(AGAIN_AFTER_SECONDS)
        await delivery.give_back()
        return
    except Exception:
        log.exception("job failed", queue=queue_name)
    await delivery.acknowledge()


async def _do(rt: Runtime, body: bytes, queue_name: str, job_type: JobType, handle: Handler) -> None:
    try:
        with timed_job(job_type):
            await handle(body)
    except PermanentError as error:
        log.error("a job that cannot be done", queue=queue_name, why=str(error))
        await rt.queue.publish(DEAD, _with_reason(body, queue_name, error))


def _with_reason(body: bytes, queue_name: str, error: PermanentError) -> bytes:
    letter = {"queue": queue_name, "reason": str(error), "body": body.decode(errors="replace")}
    return json.dumps(letter).encode()
