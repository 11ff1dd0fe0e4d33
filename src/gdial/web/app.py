"""The web application: the routes, and what every request passes on its way to them."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from gdial.runtime import Runtime
from gdial.web import openapi, problems
from gdial.web.access.doors import Doors
from gdial.web.access.rules import OPENAPI, Guard
from gdial.web.access_log import AccessLog
from gdial.web.api import (
    audio,
    calls,
    contacts,
    custom_messages,
    forecasts,
    groups,
    health,
    lexicon,
    log,
    manual,
    messages,
    metrics,
    previews,
    queues,
    recordings,
    runs,
    settings,
    tokens,
    tts_jobs,
    users,
    workers,
)
from gdial.web.api import webhooks as endpoints
from gdial.web.body_limits import BodyLimits
from gdial.web.dashboard import page, rooms
from gdial.web.dashboard.assets import assets
from gdial.web.security import KnownHosts, SecurityHeaders, names_of
from gdial.web.webhooks import calls as webhooks

ROUTERS: tuple[APIRouter, ...] = (
    contacts.router,
    groups.router,
    # Before the messages: `preview` is no id of one.
    previews.router,
    messages.router,
    custom_messages.router,
    # Before the runs: `forecast` is no id of one.
    forecasts.router,
    runs.router,
    manual.router,
    calls.router,
    endpoints.router,
    settings.router,
    users.router,
    tokens.router,
    log.router,
    audio.router,
    tts_jobs.router,
    lexicon.router,
    recordings.router,
    queues.router,
    workers.router,
    health.router,
    metrics.router,
)


def create_app(runtime: Runtime) -> FastAPI:
    """Raises SetupError, saying what to type, when the files that the pages load are missing."""
    assets()
    app = FastAPI(
        title=openapi.TITLE,
        description=openapi.DESCRIPTION,
        version=version("gdial"),
        openapi_tags=openapi.TAGS,
        openapi_url=OPENAPI,
        # Both pages would load their scripts from somewhere else.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=_middleware(runtime),
    )
    app.state.runtime = runtime
    app.state.guard = guard()
    page.install(app, runtime)
    problems.install(app)
    openapi.describe(app)
    # A carrier's first: it waits for an answer, and nobody asks as often.
    app.router.routes.extend(webhooks.ROUTES)
    # As they are: `include_router` would make each anew, and look through router after router for every request.
    app.router.routes.extend(_routes())
    return app


@cache
def guard() -> Guard:
    """The same for every application of this process, as its routes are."""
    return Guard(_routes())


def _routes() -> list[BaseRoute]:
    return [route for router in (*ROUTERS, *rooms.ROUTERS) for route in router.routes]


def _middleware(runtime: Runtime) -> list[Middleware]:
    """Outermost first."""
    return [
        Middleware(AccessLog),
        Middleware(SecurityHeaders),
        Middleware(problems.UnexpectedErrors),
        Middleware(KnownHosts, names=names_of(runtime), public_url=runtime.public_url),
        Middleware(Doors, runtime=runtime, guard=guard()),
        Middleware(BodyLimits),
    ]
