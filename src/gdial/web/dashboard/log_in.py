"""`/login` and `/logout`: the one page without a login, and the way out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request, Response
from starlette.datastructures import Headers

from gdial.actions.log_in import LogInRefused, log_in, log_out, log_out_everywhere
from gdial.web.access.addresses import client_address, shown_address
from gdial.web.access.cookies import give_session, session_token, take_session
from gdial.web.access.current import Viewer, found_actor
from gdial.web.context import Rt
from gdial.web.dashboard.choose_language import own_address
from gdial.web.dashboard.languages import N_
from gdial.web.dashboard.page import Page, page_router

router = page_router()

WRONG = N_("The name or the password is wrong.")
TOO_OFTEN = N_("Too many tries failed. Wait %(seconds)s s, then try again.")

Next = Annotated[str, Query(alias="next", max_length=2000)]
Text = Annotated[str, Form(max_length=1000)]


@router.get("/login")
async def show_form(request: Request, page: Page, after: Next = "/") -> Response:
    if found_actor(request.scope) is not None:
        return page.go_to(own_address(after))
    return page.show("login.html", after=own_address(after), name="", error="")


@router.post("/login")
async def begin(
    request: Request,
    rt: Rt,
    page: Page,
    name: Text = "",
    password: Text = "",
    after: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    address = client_address(request.scope, rt.settings.trusted_proxies)
    try:
        logged_in = await log_in(rt, name, password, address, shown_address(address))
    except LogInRefused as refusal:
        wait = refusal.wait_seconds
        error = page.gettext(TOO_OFTEN, seconds=wait) if wait else page.gettext(WRONG)
        refused = page.show("login.html", 429 if wait else 401, after=own_address(after), name=name, error=error)
        if wait:
            refused.headers["retry-after"] = str(wait)
        return refused
    before = session_token(Headers(scope=request.scope))
    if before:
        await log_out(rt, before)
    response = page.go_to(own_address(after))
    give_session(response, rt, logged_in.token)
    return response


@router.post("/logout")
async def end(request: Request, rt: Rt, page: Page, actor: Viewer) -> Response:
    await log_out(rt, session_token(Headers(scope=request.scope)))
    return _out(rt, page)


@router.post("/logout/everywhere")
async def end_everywhere(rt: Rt, page: Page, actor: Viewer) -> Response:
    await log_out_everywhere(rt, actor)
    return _out(rt, page)


def _out(rt: Rt, page: Page) -> Response:
    response = page.go_to("/login")
    take_session(response, rt)
    return response
