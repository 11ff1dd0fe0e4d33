"""The door of the web process: who asks, whether they may, and what the log has of it. Before any body is read."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Final
from urllib.parse import quote, urlsplit

import structlog
from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdial.actions.acting import Actor, acting_as, installation_actor
from gdial.actions.deeds import Deed, note_deed
from gdial.actions.log_in import find_session
from gdial.actions.save_token import find_token
from gdial.errors import GDialError, Worded
from gdial.runtime import Runtime
from gdial.web.access.addresses import client_address, shown_address
from gdial.web.access.cookies import session_token
from gdial.web.access.current import ACTOR, too_small
from gdial.web.access.forms import REFUSAL, with_token
from gdial.web.access.rules import Guard, Rule
from gdial.web.dashboard.page import explain
from gdial.web.problems import of_error, problem
from gdial.web.security import OPEN_DOORS, OPEN_PAGES, UNSAFE_METHODS, is_open

MACHINES: Final = ("/api/", "/health/", "/metrics", "/tts/")
"""Asked by programs: they get problems, never a page to log in on."""

FOREIGN: Final = Worded("A page of another site may not change anything here.")
SAME_SITE: Final = frozenset({"same-origin", "none"})
LONGEST_OPERATOR: Final = 60

log = structlog.get_logger(__name__)


class Doors:
    """Exactly 401 for a program without a token, on every address that is not open, whether anything is there or not;
    a person without a session is shown where to log in."""

    def __init__(self, app: ASGIApp, *, runtime: Runtime, guard: Guard) -> None:
        self.app = app
        self._rt = runtime
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or OPEN_DOORS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            actor = await self._who(scope)
        except GDialError as error:
            if not is_open(scope):
                await _unavailable(scope, error)(scope, receive, send)
                return
            actor = None
        is_open_page = OPEN_PAGES.fullmatch(scope["path"]) is not None
        rule = None if actor is None or is_open_page else self._guard.find(scope["method"], scope["path"])
        refusal = self._refusal(scope, actor, rule, is_open_page=is_open_page)
        if actor is not None:
            scope[ACTOR] = actor
        if refusal is not None:
            await refusal(scope, receive, send)
        elif actor is None:
            await self.app(scope, receive, send)
        elif actor.csrf and scope["method"] in UNSAFE_METHODS and not is_open_page:
            await self._act_by_form(actor, rule, scope, receive, send)
        else:
            await self._act(actor, rule, scope, receive, send)

    async def _act_by_form(self, actor: Actor, rule: Rule | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Only with the session's own token: a page of another site cannot know it."""
        try:
            again = await with_token(scope, receive, actor.csrf)
        except HTTPException as error:
            await problem(error.status_code, "too-large", error.detail)(scope, receive, send)
            return
        if again is None:
            await _forbidden(scope, "no-csrf-token", REFUSAL)(scope, receive, send)
            return
        await self._act(actor, rule, scope, again, send)

    async def _who(self, scope: Scope) -> Actor | None:
        """A token that is given decides, be it wrong; only without one the session does."""
        headers = Headers(scope=scope)
        address = shown_address(client_address(scope, self._rt.settings.trusted_proxies))
        given = headers.getlist("authorization")
        if given:
            return await self._whose(given, headers, address)
        token = session_token(headers)
        return await find_session(self._rt, token, address) if token else None

    async def _whose(self, given: list[str], headers: Headers, address: str) -> Actor | None:
        scheme, _, text = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        token = text.strip()
        if scheme.lower() != "bearer" or not token.isascii():
            return None
        if hmac.compare_digest(token.encode(), self._rt.api_token.encode()):
            return _installation(headers.get("gdial-operator", ""), address)
        return await find_token(self._rt, token, address)

    def _refusal(self, scope: Scope, actor: Actor | None, rule: Rule | None, *, is_open_page: bool) -> Response | None:
        """Why not, as far as it can be said without the body."""
        by_browser = is_open_page or (actor is not None and bool(actor.csrf))
        if by_browser and scope["method"] in UNSAFE_METHODS and _is_of_another_site(scope):
            return _forbidden(scope, "foreign-origin", FOREIGN)
        if is_open_page or (actor is None and is_open(scope)):
            return None
        if actor is None:
            return _log_in_first(scope)
        if rule is not None and not actor.role.covers(rule.role):
            return _forbidden(scope, "role-too-small", too_small(actor, rule.role))
        return None

    async def _act(self, actor: Actor, rule: Rule | None, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400 and not actor.noted:
                await self._note(actor, rule, scope)
            await send(message)

        has_deed = rule is not None and rule.deed is not None
        with acting_as(actor):
            await self.app(scope, receive, send_noted if has_deed else send)

    async def _note(self, actor: Actor, rule: Rule | None, scope: Scope) -> None:
        """For changes whose action writes nothing itself. They are made by now: what fails here is told in the log."""
        deed = rule.deed if rule and rule.deed else Deed.OTHER
        object_id = next(iter((scope.get("path_params") or {}).values()), "")
        try:
            async with self._rt.database.transaction() as tx:
                await note_deed(tx, self._rt.clock(), deed, deed.partition(".")[0], object_id, actor=actor)
        except GDialError as error:
            log.error("the audit log lacks a deed", deed=str(deed), actor=actor.name, why=str(error))


def _installation(operator: str, address: str) -> Actor:
    """The header of the command line says through what."""
    actor = installation_actor(address)
    shown = "".join(sign for sign in operator[:LONGEST_OPERATOR] if sign.isprintable())
    return replace(actor, name=f"{actor.name} ({shown})") if shown else actor


def _is_of_another_site(scope: Scope) -> bool:
    """As browsers tell it (https://www.w3.org/TR/fetch-metadata/); older ones say nothing."""
    return Headers(scope=scope).get("sec-fetch-site", "none") not in SAME_SITE


def _is_for_people(scope: Scope) -> bool:
    is_machine = scope["path"].startswith(MACHINES)
    headers = Headers(scope=scope)
    return not is_machine and ("text/html" in headers.get("accept", "") or "hx-request" in headers)


def _log_in_first(scope: Scope) -> Response:
    if not _is_for_people(scope):
        return problem(
            401,
            "not-logged-in",
            "This needs the header: Authorization: Bearer <API_TOKEN>",
            headers={"www-authenticate": 'Bearer realm="gdial"'},
        )
    headers = Headers(scope=scope)
    if "hx-request" in headers:
        here = urlsplit(headers.get("hx-current-url", ""))
        address = login_address(here.path, here.query)
        return Response(status_code=401, headers={"hx-redirect": address})
    if scope["method"] not in ("GET", "HEAD"):
        return RedirectResponse("/login", 303)
    return RedirectResponse(login_address(scope["path"], scope["query_string"].decode("latin-1")), 303)


def login_address(path: str, query: str = "") -> str:
    """Where one logs in and comes back from."""
    there = f"{path}?{query}" if query else path
    return f"/login?next={quote(there, safe='/')}" if there not in ("", "/") else "/login"


def _forbidden(scope: Scope, kind: str, detail: str) -> Response:
    return explain(Request(scope), HTTPException(403, detail)) if _is_for_people(scope) else problem(403, kind, detail)


def _unavailable(scope: Scope, error: GDialError) -> Response:
    return explain(Request(scope), error) if _is_for_people(scope) else of_error(error)
