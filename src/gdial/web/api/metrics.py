"""`GET /metrics`, for Prometheus."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import Response

from gdial.errors import DatabaseUnavailable, QueueUnavailable
from gdial.monitoring import metrics
from gdial.queue.jobs import QUEUES
from gdial.runtime import Runtime
from gdial.storage import probe
from gdial.web.context import Rt
from gdial.web.openapi import api_router

ASKING_SECONDS = 2.0
"""A broker that is away must not cost Prometheus the other figures."""

log = structlog.get_logger(__name__)
router = api_router("", "operation")


@router.get("/metrics", summary="Figures of this process", response_class=Response)
async def show_metrics(rt: Rt) -> Response:
    """In Prometheus' text form. Open without a token to programs on this machine."""
    await asyncio.gather(ask_queues(rt), _ask_database(rt))
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


async def ask_queues(rt: Runtime) -> None:
    """A queue that does not answer has no figure, rather than its last one."""
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            depths = await asyncio.gather(*(rt.queue.depth(name) for name in QUEUES))
    except (QueueUnavailable, TimeoutError) as error:
        log.warning("queue depths unknown", reason=str(error) or "no answer in time")
        metrics.queue_depth.clear()
        metrics.part_ready.labels("queue").set(0)
        return
    metrics.part_ready.labels("queue").set(1)
    for name, depth in zip(QUEUES, depths, strict=True):
        metrics.queue_depth.labels(name).set(depth)


async def _ask_database(rt: Runtime) -> None:
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            await probe.ask(rt.database)
    except (DatabaseUnavailable, TimeoutError):
        metrics.part_ready.labels("database").set(0)
        return
    metrics.part_ready.labels("database").set(1)
