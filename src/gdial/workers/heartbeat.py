"""Every process of an installation says each five seconds that it lives and whether its voices speak, and learns which
others do."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from gdial.errors import TemporaryError
from gdial.monitoring import metrics
from gdial.runtime import Runtime
from gdial.speech.health import SpeechTrouble
from gdial.storage import workers
from gdial.storage.workers import BEAT_SECONDS, Worker
from gdial.workers.patience import stops_within

log = structlog.get_logger(__name__)

LONGEST_WHY = 500
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - read, not listened on


@dataclass(frozen=True, slots=True)
class Identity:
    """This process as others see it. `metrics_address` is None where nobody can fetch its figures."""

    kind: str
    metrics_address: str | None
    id: UUID = field(default_factory=uuid4)


def metrics_address(host: str, port: int) -> str:
    """`host:port`, under the machine's name where it listens on every address."""
    name = socket.gethostname() if host in WILDCARDS else host
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


async def run_heartbeat(rt: Runtime, me: Identity, stop: asyncio.Event) -> None:
    """Runs until `stop`; then the process takes itself off the list."""
    started_at: datetime | None = None
    while not stop.is_set():
        try:
            started_at = await _beat(rt, me, started_at)
        except TemporaryError as error:
            log.warning("heartbeat missed", why=str(error))
        except Exception:
            # Silence would be taken for death.
            log.exception("heartbeat missed")
        await stops_within(stop, BEAT_SECONDS)
    try:
        async with rt.database.transaction() as tx:
            await workers.remove(tx, me.id)
    except TemporaryError as error:
        log.warning("this process stays on the list of workers until it is taken for dead", why=str(error))


async def _beat(rt: Runtime, me: Identity, started_at: datetime | None) -> datetime:
    rt.speech.health.look()
    async with rt.database.transaction() as tx:
        now = await workers.time_here(tx, rt.clock())
        row = _row(me, started_at or now, now, rt.speech.health.trouble())
        await workers.beat(tx, row)
        await workers.forget_long_dead(tx, now)
        found = await workers.everybody(tx)
    if rt.settings.rabbitmq_url is not None:
        alive = workers.count_alive(found, now)
        for kind in metrics.WORKER_TYPES:
            metrics.worker_count.labels(kind).set(alive[kind])
    return row.started_at


def _row(me: Identity, started_at: datetime, now: datetime, trouble: SpeechTrouble | None) -> Worker:
    done, failed, busy_seconds = _work_done()
    return Worker(
        id=me.id,
        kind=me.kind,
        host=socket.gethostname()[:255],
        process_id=os.getpid(),
        metrics_address=me.metrics_address,
        started_at=started_at,
        seen_at=now,
        jobs_done=done,
        jobs_failed=failed,
        busy_seconds=busy_seconds,
        speech_away_since=trouble.since if trouble else None,
        speech_away_why=trouble.why[:LONGEST_WHY] if trouble else None,
        is_mute=trouble is not None and trouble.is_mute,
    )


def _work_done() -> tuple[int, int, float]:
    """Jobs done, jobs failed, and the seconds that all of them took, since this process started."""
    counts = {"success": 0, "error": 0}
    for sample in _samples(metrics.jobs_processed):
        if sample.name.endswith("_total"):
            counts[sample.labels["status"]] += int(sample.value)
    busy = sum(sample.value for sample in _samples(metrics.processing_time) if sample.name.endswith("_sum"))
    return counts["success"], counts["error"], busy


def _samples(family: Collector) -> Iterator[Sample]:
    for metric in family.collect():
        yield from metric.samples
