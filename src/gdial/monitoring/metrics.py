"""What this process measures of itself, under names that dashboards build on.

https://prometheus.io/docs/practices/naming/ would name some of them otherwise; they are a public contract.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

JobType = Literal["call", "batch", "tts"]
JobStatus = Literal["success", "error"]
CallMode = Literal["real", "drill"]
PlacingResult = Literal["accepted", "refused", "unknown"]
SpeechResult = Literal["made", "reused", "late", "failed"]
AlarmKind = Literal[
    "run paused",
    "double call",
    "person given up",
    "dead letter",
    "no worker",
    "ledger",
    "carrier away",
    "voice away",
    "database away",
    "disk full",
    "key not kept",
    "audio not kept",
    "clock set back",
]
WorkerType = Literal["call", "tts", "scheduler"]

JOB_TYPES: tuple[JobType, ...] = ("call", "batch", "tts")
JOB_STATUSES: tuple[JobStatus, ...] = ("success", "error")
WORKER_TYPES: tuple[WorkerType, ...] = ("call", "tts", "scheduler")
DEAD_QUEUE = "gdial.dead"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

CONTENT_TYPE = CONTENT_TYPE_LATEST

REGISTRY = CollectorRegistry()

queue_depth = Gauge("gdial_queue_depth", "Messages waiting in a queue.", ["queue_name"], registry=REGISTRY)
jobs_processed = Counter(
    "gdial_jobs_processed", "Jobs that this process is done with.", ["job_type", "status"], registry=REGISTRY
)
processing_time = Histogram(
    "gdial_processing_time", "Seconds a job took.", ["job_type"], buckets=SECONDS, registry=REGISTRY
)
worker_count = Gauge(
    "gdial_worker_count",
    "Workers that run: in this process, or, where there is a broker, in the whole system.",
    ["worker_type"],
    registry=REGISTRY,
)

calls_placed = Counter(
    "gdial_calls_placed", "Creates sent to a carrier, by what it answered.", ["mode", "result"], registry=REGISTRY
)
pace = Gauge(
    "gdial_pace_calls_per_second",
    "Calls that may start a second now: CALLS_PER_SECOND, or less while the carrier refuses for coming too fast.",
    ["mode"],
    registry=REGISTRY,
)
breaker_open = Gauge(
    "gdial_carrier_breaker_open",
    "1 while this process sends the carrier no create, because it did not answer the last ones.",
    ["mode"],
    registry=REGISTRY,
)
people_reached = Counter("gdial_people_reached", "People who became reached.", ["mode"], registry=REGISTRY)
callback_delay = Histogram(
    "gdial_callback_delay_seconds",
    "From the carrier's own time of a status (whole seconds, its clock) until GDial stored it.",
    buckets=SECONDS,
    registry=REGISTRY,
)
unknown_calls = Gauge(
    "gdial_unknown_calls", "Attempts of which only the carrier knows whether the phone rings.", registry=REGISTRY
)
scheduler_last_look = Gauge(
    "gdial_scheduler_last_look_timestamp_seconds",
    "When a scheduler of this process last looked for people who are due; 0 before the first look.",
    registry=REGISTRY,
)
speech_pieces = Counter(
    "gdial_speech_pieces",
    "Pieces of audio asked for, by what came of it; late: the carrier's voice had to speak it in a call.",
    ["result"],
    registry=REGISTRY,
)
speech_engine_resting = Gauge(
    "gdial_speech_engine_resting",
    "Whether this process leaves a speech engine alone after failures.",
    ["engine"],
    registry=REGISTRY,
)
speech_mute = Gauge(
    "gdial_speech_mute", "1 while no voice of this process gives sound: the carrier's own speaks.", registry=REGISTRY
)
alarms = Counter("gdial_alarms", "Alarms raised, also those nobody was told of again.", ["kind"], registry=REGISTRY)
part_ready = Gauge(
    "gdial_part_ready", "Whether a part that GDial leans on answered when last asked.", ["part"], registry=REGISTRY
)


class _DeadLetters(Collector):
    """`gdial_dead_letters`: the depth of the dead queue under a name that alarms build on, absent while unknown."""

    def collect(self) -> Iterator[Metric]:
        depths = [sample for metric in queue_depth.collect() for sample in metric.samples]
        found = [sample.value for sample in depths if sample.labels["queue_name"] == DEAD_QUEUE]
        if found:
            yield GaugeMetricFamily("gdial_dead_letters", "Jobs that nobody could do.", value=found[0])


@contextmanager
def timed_job(job_type: JobType) -> Iterator[None]:
    """Count and time one job: an exception is an error, and goes on its way."""
    began_at = time.perf_counter()
    status: JobStatus = "error"
    try:
        yield
        status = "success"
    finally:
        processing_time.labels(job_type).observe(time.perf_counter() - began_at)
        jobs_processed.labels(job_type, status).inc()


@contextmanager
def counted_worker(worker_type: WorkerType) -> Iterator[None]:
    """A worker that runs while the block does."""
    worker_count.labels(worker_type).inc()
    try:
        yield
    finally:
        worker_count.labels(worker_type).dec()


def exposition() -> bytes:
    """Everything measured, in Prometheus' text form."""
    return generate_latest(REGISTRY)


def _begin_at_nothing() -> None:
    """A series that is there from the start can be alarmed on before its first count."""
    for job_type in JOB_TYPES:
        processing_time.labels(job_type)
        for status in JOB_STATUSES:
            jobs_processed.labels(job_type, status)
    for worker_type in WORKER_TYPES:
        worker_count.labels(worker_type)
    for mode in get_args(CallMode):
        people_reached.labels(mode)
        breaker_open.labels(mode)
        for placing_result in get_args(PlacingResult):
            calls_placed.labels(mode, placing_result)
    for speech_result in get_args(SpeechResult):
        speech_pieces.labels(speech_result)
    for kind in get_args(AlarmKind):
        alarms.labels(kind)


_begin_at_nothing()
REGISTRY.register(_DeadLetters())
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
