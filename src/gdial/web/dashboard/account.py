"""`/account`: one's own password, language, sessions and tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Response

from gdial.actions.save_user import LANGUAGES, change_own_password, change_user
from gdial.errors import Conflict, GDialError, InvalidInput, Worded
from gdial.storage import api_tokens, sessions, users
from gdial.web.access.current import Actor, Viewer
from gdial.web.context import Rt
from gdial.web.dashboard.languages import NAMES
from gdial.web.dashboard.page import Page, PageMaker, page_router
from gdial.web.dashboard.refusal_words import DIFFERENT, told

router = page_router()

MOST_TOKENS = 100
Text = Annotated[str, Form(max_length=1000)]


@router.get("/account")
async def show(rt: Rt, page: Page, actor: Viewer, done: str = "") -> Response:
    return await _show(rt, page, actor, done=done == "password")


@router.post("/account/password")
async def change_password(
    rt: Rt, page: Page, actor: Viewer, old_password: Text = "", password: Text = "", again: Text = ""
) -> Response:
    try:
        if password != again:
            raise InvalidInput(DIFFERENT)
        await change_own_password(rt, actor, old_password, password)
    except InvalidInput as error:
        return await _show(rt, page, actor, error=error)
    return page.go_to("/account?done=password")


@router.post("/account/language")
async def choose_language(rt: Rt, page: Page, actor: Viewer, language: Text = "") -> Response:
    if actor.user_id is not None:
        await change_user(rt, actor.user_id, {"language": language})
    return page.go_to("/account")


async def _show(
    rt: Rt, page: PageMaker, actor: Actor, *, done: bool = False, error: GDialError | None = None
) -> Response:
    if actor.user_id is None:
        raise Conflict(Worded("this is a token's request; only somebody who logs in has an account"))
    async with rt.database.reading() as tx:
        user = await users.get(tx, actor.user_id)
        count = await sessions.count_of(tx, user.id)
        tokens, _ = await api_tokens.page(tx, MOST_TOKENS, 0, user_id=user.id)
    return page.show(
        "account.html",
        422 if error else 200,
        user=user,
        sessions=count,
        tokens=tokens,
        choices={code: NAMES[code] for code in LANGUAGES},
        done=done,
        error=told(page.language, error) if error else "",
    )
