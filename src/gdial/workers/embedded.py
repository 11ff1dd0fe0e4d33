"""All the workers inside one process, for a machine with nothing installed."""

from __future__ import annotations

import asyncio
import math

from gdial.actions.keep_words import read_in_keys
from gdial.actions.reconcile_calls import recover_after_start
from gdial.errors import SetupError
from gdial.runtime import Runtime
from gdial.storage import feeding, speech_jobs, speech_leads, workers
from gdial.workers.call import run_call_worker
from gdial.workers.keeping import run_keeping
from gdial.workers.scheduler import run_scheduler
from gdial.workers.tts import run_tts_worker

ELSEWHERE = frozenset({"web", "call", "tts", "scheduler"})
"""What processes are that share their work over a broker."""

CREATE_SECONDS = 2
"""So slow may the carrier answer a create without the pace suffering."""


async def refuse_beside_workers(rt: Runtime) -> None:
    """Raises SetupError when workers of an installation with a broker live on this database: their pace and their queue
    are none of this process's."""
    async with rt.database.reading() as tx:
        told, now = await workers.everybody(tx), await workers.time_here(tx, rt.clock())
    others = [it for it in told if it.kind in ELSEWHERE and it.is_alive(now)]
    if others:
        raise SetupError(
            f"{len(others)} processes with a broker use this database, such as the {others[0].kind} process "
            f"{others[0].process_id} on {others[0].host}; set RABBITMQ_URL as they have it, or end them first "
            f"(one that was killed counts for {workers.DEAD_AFTER.seconds} seconds)"
        )


async def run_embedded_workers(rt: Runtime, stop: asyncio.Event) -> None:
    """Runs until `stop`, then finishes what is in hand. The process must be the only one on its database."""
    async with rt.database.transaction() as tx:
        await feeding.forget_feeds(tx)
        await speech_leads.forget(tx)
        await speech_jobs.publish_all_again(tx, rt.clock())
    await read_in_keys(rt)
    await recover_after_start(rt)
    await asyncio.gather(run_all_workers(rt, stop), run_keeping(rt, stop))


async def run_all_workers(rt: Runtime, stop: asyncio.Event) -> None:
    """A call worker, a tts worker and a scheduler, over the queue of this runtime, until `stop`."""
    settings = rt.settings
    calls_at_once = max(
        settings.call_workers_count * settings.call_prefetch, math.ceil(settings.calls_per_second * CREATE_SECONDS)
    )
    await asyncio.gather(
        run_call_worker(rt, calls_at_once, stop),
        run_tts_worker(rt, settings.tts_workers_count * settings.tts_prefetch, stop),
        run_scheduler(rt, stop),
    )
