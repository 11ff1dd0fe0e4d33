"""The call worker: doorbells in, calls out."""

from __future__ import annotations

import asyncio

from gdial.actions.feed_queue import CALL_QUEUES
from gdial.actions.place_call import place_call
from gdial.dialing.pacing import window_size
from gdial.dialing.states import RunMode
from gdial.errors import InvalidInput
from gdial.monitoring.metrics import counted_worker
from gdial.queue.jobs import CALL_BATCH, CallBatchJob, CallJob, read_job
from gdial.runtime import Runtime
from gdial.workers.consume import Handler, consume

BATCH_PREFETCH = 1


async def run_call_worker(rt: Runtime, prefetch: int, stop: asyncio.Event) -> None:
    """Takes jobs until `stop`, then finishes the calls that are being placed. `prefetch` for each network."""

    async def open_run(body: bytes) -> None:
        read_job(CallBatchJob, body)
        rt.bells.feed.set()

    async def let_go_of_waiting_jobs() -> None:
        await stop.wait()
        for network in rt.networks.values():
            network.pace.stop_taking()

    with counted_worker("call"):
        await asyncio.gather(
            let_go_of_waiting_jobs(),
            *(consume(rt, CALL_QUEUES[mode], "call", prefetch, _ringer(rt, mode), stop) for mode in rt.networks),
            consume(rt, CALL_BATCH, "batch", BATCH_PREFETCH, open_run, stop),
        )


def _ringer(rt: Runtime, mode: RunMode) -> Handler:
    settings = rt.settings
    window = window_size(rt.networks[mode].pace.per_second, settings.max_concurrent_calls, settings.feed_lease_sec)

    async def ring(body: bytes) -> None:
        job = read_job(CallJob, body)
        if job.recipient_id is None:
            raise InvalidInput("names nobody to ring", where="CallJob.recipient_id")
        await place_call(rt, job.recipient_id)
        if await rt.queue.depth(CALL_QUEUES[mode]) <= window // 2:
            rt.bells.feed.set()

    return ring
