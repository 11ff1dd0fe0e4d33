"""The small door of a worker process: its figures, whether it lives, and whether it can work."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gdial.monitoring import metrics
from gdial.runtime import Runtime
from gdial.web.api.health import ONLY_TOLD, Part, examine_all
from gdial.web.api.metrics import ask_queues
from gdial.web.problems import UnexpectedErrors, problem
from gdial.web.security import BearerToken, KnownHosts, SecurityHeaders


@dataclass(slots=True)
class WorkerState:
    """What the door tells of. `runtime` is None while the process waits for what `waits_for` says."""

    shows_queues: bool
    runtime: Runtime | None = None
    waits_for: str = "starting"


def create_worker_door(state: WorkerState, *, names: set[str], token: str) -> Starlette:
    """`/metrics` and `/health/live` are open as they are at the web process's door; `/health/ready` wants the token."""

    async def tell_metrics(_request: Request) -> Response:
        if state.shows_queues and state.runtime is not None:
            await ask_queues(state.runtime)
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    async def tell_live(_request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def tell_ready(_request: Request) -> Response:
        parts = await _parts(state)
        shown = [part.model_dump() for part in parts]
        failed = [
            f"{part.name}: {part.detail}" for part in parts if part.status == "failed" and part.name not in ONLY_TOLD
        ]
        if failed:
            return problem(503, "not-ready", "; ".join(failed), parts=shown)
        return JSONResponse({"status": "ready", "parts": shown})

    return Starlette(
        routes=[
            Route("/metrics", tell_metrics),
            Route("/health/live", tell_live),
            Route("/health/ready", tell_ready),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(UnexpectedErrors),
            Middleware(KnownHosts, names=names, public_url="http://localhost"),
            Middleware(BearerToken, token=token),
        ],
    )


async def _parts(state: WorkerState) -> list[Part]:
    """A worker can do without none of them but those that are only told."""
    if state.runtime is None:
        return [Part(name="database", status="failed", detail=state.waits_for)]
    return await examine_all(state.runtime)
