"""`/settings/tokens`: the tokens of programs, and those with which people use the API themselves."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Response

from gdial.actions.save_token import NewToken, create_token, remove_token
from gdial.errors import GDialError, InvalidInput, Worded
from gdial.storage import api_tokens, users
from gdial.storage.roles import Role
from gdial.web.access.current import Administrator
from gdial.web.context import Rt
from gdial.web.dashboard.page import Page, PageMaker, page_router
from gdial.web.dashboard.refusal_words import told
from gdial.web.dashboard.users import ROLES
from gdial.web.paging import HIGHEST_OFFSET

router = page_router("/settings/tokens")

TOKENS_A_PAGE = 50
MOST_OWNERS = 500

Text = Annotated[str, Form(max_length=1000)]


@router.get("")
async def show_all(
    rt: Rt, page: Page, actor: Administrator, offset: Annotated[int, Query(ge=0, le=HIGHEST_OFFSET)] = 0
) -> Response:
    return await _show_all(rt, page, offset=offset)


@router.post("")
async def make(
    rt: Rt,
    page: Page,
    actor: Administrator,
    role: Annotated[Role, Form()],
    name: Text = "",
    days: Text = "",
    owner: Text = "",
) -> Response:
    """Answers with the token itself: it is in this answer and nowhere else."""
    try:
        made = await create_token(rt, actor, name, role, days=_read_days(days), user_id=_read_owner(owner))
    except InvalidInput as error:
        return await _show_all(rt, page, name=name, error=error)
    return await _show_all(rt, page, made=made)


@router.post("/{token_id}/remove")
async def remove(token_id: UUID, rt: Rt, page: Page, actor: Administrator) -> Response:
    await remove_token(rt, token_id)
    return page.go_to("/settings/tokens")


async def _show_all(
    rt: Rt,
    page: PageMaker,
    *,
    offset: int = 0,
    name: str = "",
    made: NewToken | None = None,
    error: GDialError | None = None,
) -> Response:
    async with rt.database.reading() as tx:
        found, total = await api_tokens.page(tx, TOKENS_A_PAGE, offset)
        owners, _ = await users.page(tx, MOST_OWNERS, 0)
    return page.show(
        "tokens.html",
        422 if error else 200,
        tokens=found,
        total=total,
        limit=TOKENS_A_PAGE,
        offset=offset,
        owners=owners,
        roles=ROLES,
        now=rt.clock(),
        name=name,
        made=made,
        error=told(page.language, error) if error else "",
    )


def _read_days(text: str) -> int | None:
    """Empty: for ever."""
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise InvalidInput(Worded("is not a whole number of days"), where="days", example="365")
    return int(text)


def _read_owner(text: str) -> UUID | None:
    """Empty: a program."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise InvalidInput(Worded("is nobody here"), where="owner") from None
