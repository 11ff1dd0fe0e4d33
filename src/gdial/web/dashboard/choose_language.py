"""The language switch of every page, that of the login too."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, Response

from gdial.actions.choose_language import choose_language
from gdial.errors import InvalidInput, Worded
from gdial.web.access.current import found_actor
from gdial.web.context import Rt
from gdial.web.dashboard.languages import COOKIE, LANGUAGES
from gdial.web.dashboard.page import Page, page_router

router = page_router()
A_YEAR_SECONDS = 365 * 24 * 3600


@router.post("/language")
async def choose(
    rt: Rt,
    page: Page,
    language: Annotated[str, Form()],
    back: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    if language not in LANGUAGES:
        raise InvalidInput(Worded("is no language of these pages"), where="language", example=" or ".join(LANGUAGES))
    actor = found_actor(page.request.scope)
    if actor is not None and actor.user_id is not None:
        await choose_language(rt, actor.user_id, language)
    response = page.go_to(own_address(back))
    response.set_cookie(
        COOKIE,
        language,
        max_age=A_YEAR_SECONDS,
        httponly=True,
        samesite="lax",
        secure=rt.public_url.startswith("https:"),
    )
    return response


def own_address(address: str) -> str:
    """An address of ours as it is; anything else is the first page: nobody is sent to another site."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if own and address.isprintable() else "/"
