"""What a route of the board is given to answer with: its templates in the language of who asks.

router = page_router()

@router.get("/runs")
async def list_runs(rt: Rt, page: Page, actor: Viewer) -> Response:
    return page.show("runs.html", runs=...)
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment
from starlette.exceptions import HTTPException

from gdial.actions.watch_system import SystemStatus, SystemWatch
from gdial.errors import Conflict, GDialError, InvalidInput, NotFound, TemporaryError
from gdial.runtime import Runtime
from gdial.web.access.current import Actor, Role, found_actor
from gdial.web.dashboard.environment import Formats, make_environments
from gdial.web.dashboard.languages import N_, SOURCE_LANGUAGE, language_of, translated
from gdial.web.dashboard.live_feed import LiveFeed, TooManyViewers
from gdial.web.dashboard.refusal_words import reason, told
from gdial.web.dashboard.shared_parts import SharedParts
from gdial.web.dashboard.system_words import PARTS, STATES
from gdial.web.validation import field_errors

log = structlog.get_logger(__name__)

SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "connect", "font", "media")),
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {"content-security-policy": SECURITY_POLICY}

SYSTEM = "gdial.system"
"""Where a request's scope has what is known of the parts of the system."""

STRIP = "/system/strip"

NAVIGATION: tuple[tuple[str, str, Role], ...] = (
    ("/runs", N_("Runs"), Role.VIEWER),
    ("/runs/new", N_("New run"), Role.OPERATOR),
    ("/drill", N_("Drill"), Role.OPERATOR),
    ("/settings/users", N_("Users"), Role.ADMINISTRATOR),
    ("/log", N_("Log"), Role.ADMINISTRATOR),
)
"""Address, words, and the smallest role that is shown it."""


def fingerprint(status: SystemStatus) -> str:
    """Another one when something else is told."""
    told = [(part.part, part.state, part.since) for part in status.parts]
    return sha256(repr(told).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class PageMaker:
    request: Request
    environment: Environment
    language: str
    actor: Actor | None
    system: SystemStatus | None

    @property
    def formats(self) -> Formats:
        found: Formats = self.environment.globals["formats"]  # type: ignore[assignment]
        return found

    def gettext(self, message: str, **values: object) -> str:
        return translated(self.language, message, **values)

    @property
    def is_part(self) -> bool:
        """Whether htmx asks, for a part of the page that it shows."""
        return "hx-request" in self.request.headers and "hx-history-restore-request" not in self.request.headers

    def show(self, template: str, status: int = 200, **context: Any) -> Response:
        return HTMLResponse(self.render(template, **context), status, headers=HEADERS)

    def render(self, template: str, **context: Any) -> str:
        """A whole page, or the part of one that is a template of its own."""
        return self.environment.get_template(template).render(self._common() | context)

    def go_to(self, address: str) -> Response:
        """After a form: the next page is got anew, so that reloading it sends nothing twice."""
        return RedirectResponse(address, 303)

    def _common(self) -> dict[str, Any]:
        actor = self.actor
        return {
            "actor": actor,
            "csrf": actor.csrf if actor else "",
            "path": self.request.url.path,
            "here": self.request.url.path + (f"?{query}" if (query := self.request.url.query) else ""),
            "system": self.system,
            "system_seen": fingerprint(self.system) if self.system else "",
            "is_database_away": False,
            "parts_of_system": PARTS,
            "states_of_parts": STATES,
            "navigation": [entry for entry in NAVIGATION if actor and actor.role.covers(entry[2])],
            "is_operator": actor is not None and actor.role.covers(Role.OPERATOR),
            "is_administrator": actor is not None and actor.role.covers(Role.ADMINISTRATOR),
        }


def install(app: FastAPI, runtime: Runtime) -> None:
    environments = make_environments(runtime.settings.display_timezone)
    app.state.page_environments = environments
    app.state.live_feed = LiveFeed(runtime, environments)
    app.state.shared_parts = SharedParts()
    app.state.system_watch = SystemWatch(runtime)


def page_of(request: Request) -> PageMaker:
    environments: Mapping[str, Environment] = request.app.state.page_environments
    runtime: Runtime = request.app.state.runtime
    language = language_of(request, runtime.settings.default_language)
    return PageMaker(request, environments[language], language, found_actor(request.scope), request.scope.get(SYSTEM))


Page = Annotated[PageMaker, Depends(page_of)]


class PageRoute(APIRoute):
    """Errors leave as pages that people read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_or_explain(request: Request) -> Response:
            watch: SystemWatch = request.app.state.system_watch
            request.scope[SYSTEM] = await watch.status()
            try:
                return await handle(request)
            except (GDialError, HTTPException, RequestValidationError) as error:
                return explain(request, error)

        return handle_or_explain


def page_router(prefix: str = "") -> APIRouter:
    return APIRouter(prefix=prefix, route_class=PageRoute, include_in_schema=False)


def explain(request: Request, error: Exception) -> Response:
    """The page of an error that is meant for people; to htmx its sentence alone."""
    page = page_of(request)
    status, title, detail = _words_of(error, page.language)
    if status == 503:
        log.warning("page put off", reason=str(error))
    if status == 503 and request.url.path == STRIP:
        return page.show("strip.html", is_database_away=True)
    if page.is_part:
        return PlainTextResponse(f"{page.gettext(title)} {detail}".strip(), status)
    response = page.show("error.html", status, title=title, detail=detail, is_database_away=status == 503)
    if status == 503:
        response.headers["retry-after"] = "5"
    return response


def _words_of(error: Exception, language: str) -> tuple[int, str, str]:
    match error:
        case NotFound():
            return 404, N_("There is no such thing here."), ""
        case Conflict():
            return 409, N_("This cannot be done as things stand."), told(language, error)
        case InvalidInput():
            return 422, N_("Something in this cannot be used."), told(language, error)
        case TooManyViewers():
            return 503, N_("Too many people watch runs at once. The page shows all when it is loaded anew."), ""
        case TemporaryError():
            away = N_("The database does not answer right now. Calls go on as soon as it does.")
            return 503, away, str(error) if language == SOURCE_LANGUAGE else ""
        case RequestValidationError():
            unusable = N_("Something in this cannot be used.")
            return 422, unusable, _fields_of(error) if language == SOURCE_LANGUAGE else ""
        case HTTPException():
            title = TITLES.get(error.status_code, HTTPStatus(error.status_code).phrase)
            return error.status_code, title, reason(language, error.detail)
        case _:
            return 503, N_("Something is not set up."), str(error)


def _fields_of(error: RequestValidationError) -> str:
    """Only an address or a form that no page of ours has made gives these."""
    return "; ".join(f"{one['field']}: {one['reason']}" for one in field_errors(error.errors()))


TITLES = {
    401: N_("Nobody is logged in here."),
    403: N_("Your role does not allow this."),
    404: N_("There is no such thing here."),
}
