"""While the broker is away, the web process rings by itself, so that a run starts at once. It hands over when the
broker is back; that nobody is rung twice is the claim's doing, as ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from gdial.actions.feed_queue import CALL_QUEUES
from gdial.actions.watch_database import DatabaseWatch
from gdial.assembly.networks import open_pace
from gdial.carriers.breaker import CarrierBreaker
from gdial.errors import InvalidInput, TemporaryError
from gdial.queue.base import Queue
from gdial.queue.in_process import InProcessQueue
from gdial.queue.jobs import CallJob, read_job
from gdial.runtime import Runtime
from gdial.workers.bells import relay_bells
from gdial.workers.embedded import run_all_workers
from gdial.workers.keeping import run_keeping
from gdial.workers.patience import stops_within

log = structlog.get_logger(__name__)

AWAY_AFTER_SECONDS = 2.0
BACK_AFTER_SECONDS = 1.0
LOOK_SECONDS = 0.1
WATCH_SECONDS = 1.0


async def ring_where_needed(rt: Runtime, stop: asyncio.Event) -> None:
    """Runs until `stop`: passes bells on to the schedulers, makes good what was missed while the database was away, and
    while the broker is away does the work itself."""
    await asyncio.gather(_ring_while_needed(rt, stop), run_keeping(rt, stop), _watch_database(rt, stop))


async def _watch_database(rt: Runtime, stop: asyncio.Event) -> None:
    watch = DatabaseWatch(rt)
    while not await stops_within(stop, WATCH_SECONDS):
        await watch.look()


async def _ring_while_needed(rt: Runtime, stop: asyncio.Event) -> None:
    while not stop.is_set():
        over = asyncio.Event()
        relay = asyncio.create_task(relay_bells(rt, over))
        try:
            await _broker_is(rt, False, AWAY_AFTER_SECONDS, stop)
        finally:
            over.set()
            await relay
        if not stop.is_set():
            await _ring_alone(rt, stop)


async def _broker_is(rt: Runtime, connected: bool, seconds: float, stop: asyncio.Event) -> None:
    """Wait until it has been so for that long, or `stop`."""
    loop = asyncio.get_running_loop()
    since = loop.time()
    while loop.time() - since < seconds:
        if rt.queue.is_connected is not connected:
            since = loop.time()
        if await stops_within(stop, LOOK_SECONDS):
            return


async def _ring_alone(rt: Runtime, stop: asyncio.Event) -> None:
    log.warning("the broker is away; this process rings by itself")
    over = asyncio.Event()
    try:
        alone = await _runtime_alone(rt)
    except TemporaryError as error:
        log.warning("the database is away too", why=str(error))
        await stops_within(stop, BACK_AFTER_SECONDS)
        return
    workers = asyncio.create_task(run_all_workers(alone, over))
    watching = asyncio.create_task(_broker_is(rt, True, BACK_AFTER_SECONDS, stop))
    try:
        await asyncio.wait({workers, watching}, return_when=asyncio.FIRST_COMPLETED)
        over.set()
        await workers
    finally:
        watching.cancel()
        workers.cancel()
    if not stop.is_set():
        log.info("the broker is back; the workers ring again")
        await _hand_over(alone.queue, rt.queue)


async def _runtime_alone(rt: Runtime) -> Runtime:
    """With a queue, limiters and breakers of its own: those of a worker that has ended take no more. Who lies on the
    broker's queue leaves the window to others until the feed lapses."""
    networks = {
        mode: replace(network, pace=await open_pace(rt.settings, rt.database, mode), breaker=CarrierBreaker())
        for mode, network in rt.networks.items()
    }
    return replace(rt, queue=InProcessQueue(), networks=networks, feeds_count_from=rt.clock())


async def _hand_over(ours: Queue, broker: Queue) -> None:
    """Who still waits here is rung from there; what gets lost on the way is fed again when its lease lapses."""
    try:
        for name in CALL_QUEUES.values():
            async with ours.looking(name, await ours.depth(name)) as waiting:
                for delivery in waiting:
                    job = read_job(CallJob, delivery.body)
                    await broker.publish(name, delivery.body, priority=job.priority)
                    await delivery.acknowledge()
    except (TemporaryError, InvalidInput) as error:
        log.warning("not all could be handed over", why=str(error))
