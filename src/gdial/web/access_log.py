"""One line a request: the route's template, never the address, its query or what was in it."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNMATCHED = "-"
QUIET_ROUTES = frozenset(
    {
        "/health/live",
        "/metrics",
        "/voice",
        "/custom-voice",
        "/dtmf",
        "/call-status",
        "/tts/audio/{name}",
        "/static/{name}",
        "/runs/{run_id}/events",
    }
)
"""Asked by machines, many times a call: told only at debug level while all is well."""

log = structlog.get_logger("gdial.web.access")


class AccessLog:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0
        began_at = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            route = route_template(scope)
            tell = log.debug if route in QUIET_ROUTES and status < 400 else log.info
            milliseconds = round((time.perf_counter() - began_at) * 1000, 1)
            tell("request", method=scope["method"], route=route, status=status, duration_ms=milliseconds)


def route_template(scope: Scope) -> str:
    """`/api/runs/{id}`; a dash when no route was found or nobody was let in."""
    template: str = getattr(scope.get("route"), "path_format", UNMATCHED)
    return template
