"""`/api/workers`: the processes of this installation, and where Prometheus finds their figures."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from gdial.runtime import Runtime
from gdial.storage import workers
from gdial.storage.workers import Worker
from gdial.web.context import Rt
from gdial.web.openapi import api_router

router = api_router("/api/workers", "operation")


class WorkerShape(BaseModel):
    """One process. `alive`: seen within the last 15 seconds."""

    id: UUID
    kind: Literal["web", "call", "tts", "scheduler", "embedded"] = Field(
        description="`embedded` is a `gdial serve` that does everything itself."
    )
    host: str = Field(examples=["gdial-1"])
    process_id: int = Field(examples=[4711])
    metrics_address: str | None = Field(examples=["127.0.0.1:8000"], description="Host and port of its `/metrics`.")
    started_at: AwareDatetime
    seen_at: AwareDatetime
    alive: bool
    jobs: int = Field(description="Done since it started.", examples=[1200])
    errors: int = Field(description="Failed since it started.", examples=[3])
    seconds_per_job: float | None = Field(description="None before the first one.", examples=[0.21])

    @classmethod
    def of(cls, worker: Worker, now: datetime) -> WorkerShape:
        jobs = worker.jobs_done + worker.jobs_failed
        return cls(
            id=worker.id,
            kind=worker.kind,
            host=worker.host,
            process_id=worker.process_id,
            metrics_address=worker.metrics_address,
            started_at=worker.started_at,
            seen_at=worker.seen_at,
            alive=worker.is_alive(now),
            jobs=worker.jobs_done,
            errors=worker.jobs_failed,
            seconds_per_job=round(worker.busy_seconds / jobs, 4) if jobs else None,
        )


class WorkerList(BaseModel):
    items: list[WorkerShape]
    total: int


class TargetGroup(BaseModel):
    """As Prometheus reads it (https://prometheus.io/docs/prometheus/latest/http_sd/)."""

    targets: list[str] = Field(examples=[["127.0.0.1:8000"]])
    labels: dict[str, str] = Field(examples=[{"worker_type": "call"}])


@router.get("", summary="The processes of this installation")
async def list_workers(rt: Rt) -> WorkerList:
    """Those that run, and those that died within the last day without taking leave. True within 15 seconds."""
    found, now = await _look(rt)
    return WorkerList(items=[WorkerShape.of(worker, now) for worker in found], total=len(found))


@router.get("/targets", summary="Where Prometheus finds their figures")
async def list_targets(rt: Rt) -> list[TargetGroup]:
    """For `http_sd_configs`: the processes that are alive."""
    found, now = await _look(rt)
    return [
        TargetGroup(targets=[worker.metrics_address], labels={"worker_type": worker.kind})
        for worker in found
        if worker.metrics_address is not None and worker.is_alive(now)
    ]


async def _look(rt: Runtime) -> tuple[list[Worker], datetime]:
    async with rt.database.reading() as tx:
        return await workers.everybody(tx), await workers.time_here(tx, rt.clock())
