"""The call worker: doorbells in, calls out."""

from __future__ import annotations

import asyncio

from gdial.actions.place_call import place_call
from gdial.dialing.pacing import window_size
from gdial.errors import InvalidInput
from gdial.monitoring.metrics import counted_worker
from gdial.queue.jobs import CALL_BATCH, CALL_SINGLE, CallBatchJob, CallJob, read_job
from gdial.runtime import Runtime
from gdial.workers.consume import consume

BATCH_PREFETCH = 1


async def run_call_worker(rt: Runtime, prefetch: int, stop: asyncio.Event) -> None:
    """Takes jobs until `stop`, then finishes the calls that are being placed."""
    rates = [network.pace.per_second for network in rt.networks.values()]
    low_water = max((window_size(rate, rt.settings.max_concurrent_calls) // 2 for rate in rates), default=1)

    async def ring(body: bytes) -> None:
        job = read_job(CallJob, body)
        if job.recipient_id is None:
            raise InvalidInput("names nobody to ring", where="CallJob.recipient_id")
        await place_call(rt, job.recipient_id)
        if await rt.queue.depth(CALL_SINGLE) <= low_water:
            rt.bells.feed.set()

    async def open_run(body: bytes) -> None:
        read_job(CallBatchJob, body)
        rt.bells.feed.set()

    with counted_worker("call"):
        await asyncio.gather(
            consume(rt, CALL_SINGLE, "call", prefetch, ring, stop),
            consume(rt, CALL_BATCH, "batch", BATCH_PREFETCH, open_run, stop),
        )
