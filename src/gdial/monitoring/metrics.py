"""What this process measures of itself, under names that dashboards build on.

https://prometheus.io/docs/practices/naming/ would name some of them otherwise; they are a public contract.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

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

JobType = Literal["call", "batch", "tts"]
JobStatus = Literal["success", "error"]
WorkerType = Literal["call", "tts", "scheduler"]

JOB_TYPES: tuple[JobType, ...] = ("call", "batch", "tts")
JOB_STATUSES: tuple[JobStatus, ...] = ("success", "error")
WORKER_TYPES: tuple[WorkerType, ...] = ("call", "tts", "scheduler")
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
worker_count = Gauge("gdial_worker_count", "Workers running in this process.", ["worker_type"], registry=REGISTRY)


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


_begin_at_nothing()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
