"""The call worker: doorbells and the jobs of other programs in, calls out."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from gdial.actions.feed_queue import CALL_QUEUES
from gdial.actions.place_call import place_call
from gdial.actions.take_job import take_batch_job, take_call_job
from gdial.actions.watch_carrier import CarrierWatch
from gdial.dialing.pacing import window_size
from gdial.dialing.states import RunMode
from gdial.monitoring.metrics import counted_worker
from gdial.queue.jobs import CALL_BATCH, CallBatchJob, CallJob, Job, read_job
from gdial.runtime import Runtime
from gdial.workers.consume import Handler, consume

J = TypeVar("J", bound=Job)

BATCH_PREFETCH = 1


async def run_call_worker(rt: Runtime, prefetch: int, stop: asyncio.Event) -> None:
    """Takes jobs until `stop`, then finishes the calls that are being placed. `prefetch` for each network."""

    async def open_run(body: bytes) -> None:
        await take_batch_job(rt, _with_lasting_id(read_job(CallBatchJob, body), body))

    async def let_go_of_waiting_jobs() -> None:
        await stop.wait()
        for network in rt.networks.values():
            network.pace.stop_taking()
            network.breaker.stop_waiting()

    with counted_worker("call"):
        async with _watched_carriers(rt):
            await asyncio.gather(
                let_go_of_waiting_jobs(),
                *(consume(rt, CALL_QUEUES[mode], "call", prefetch, _ringer(rt, mode), stop) for mode in rt.networks),
                consume(rt, CALL_BATCH, "batch", BATCH_PREFETCH, open_run, stop),
            )


@asynccontextmanager
async def _watched_carriers(rt: Runtime) -> AsyncIterator[None]:
    watches = [asyncio.create_task(CarrierWatch(rt, mode, network).run()) for mode, network in rt.networks.items()]
    try:
        yield
    finally:
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)


def _with_lasting_id(job: J, body: bytes) -> J:
    """A job that bears no id is known by its body: delivered again, it must not become another one."""
    if "job_id" in job.model_fields_set:
        return job
    return job.model_copy(update={"job_id": UUID(bytes=hashlib.sha256(body).digest()[:16])})


def _ringer(rt: Runtime, mode: RunMode) -> Handler:
    settings = rt.settings
    window = window_size(rt.networks[mode].pace.per_second, settings.max_concurrent_calls, settings.feed_lease_sec)

    async def ring(body: bytes) -> None:
        job = read_job(CallJob, body)
        if job.recipient_id is None:
            await take_call_job(rt, _with_lasting_id(job, body), mode)
            return
        await place_call(rt, job.recipient_id, ahead=bool(job.ahead))
        if await rt.queue.depth(CALL_QUEUES[mode]) <= window // 2:
            rt.bells.feed.set()

    return ring
