"""`/first-administrator`: where the link of `gdial admin-link` leads."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request, Response

from gdial.actions.admin_link import OVER, is_good_link, use_admin_link
from gdial.errors import Conflict, InvalidInput
from gdial.web.access.addresses import client_address, shown_address
from gdial.web.access.cookies import give_session
from gdial.web.context import Rt
from gdial.web.dashboard.page import Page, page_router
from gdial.web.dashboard.refusal_words import DIFFERENT, told

router = page_router()

Text = Annotated[str, Form(max_length=1000)]


@router.get("/first-administrator")
async def show_form(rt: Rt, page: Page, link: Annotated[str, Query(max_length=200)] = "") -> Response:
    if not await is_good_link(rt, link):
        raise Conflict(OVER)
    return page.show("first_administrator.html", link=link, name="", error="")


@router.post("/first-administrator")
async def make(
    request: Request, rt: Rt, page: Page, link: Text = "", name: Text = "", password: Text = "", again: Text = ""
) -> Response:
    shown = shown_address(client_address(request.scope, rt.settings.trusted_proxies))
    try:
        if password != again:
            raise InvalidInput(DIFFERENT)
        logged_in = await use_admin_link(rt, link, name, password, "", shown)
    except InvalidInput as error:
        return page.show("first_administrator.html", 422, link=link, name=name, error=told(page.language, error))
    response = page.go_to("/")
    give_session(response, rt, logged_in.token)
    return response
