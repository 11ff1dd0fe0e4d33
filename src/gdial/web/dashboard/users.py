"""`/settings/users`: who may log in, and what each may do."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Response

from gdial.actions.save_user import LANGUAGES, change_user, create_user, remove_user, set_password
from gdial.errors import Conflict, GDialError, InvalidInput
from gdial.storage import users
from gdial.storage.roles import Role
from gdial.web.access.current import Administrator
from gdial.web.context import Rt
from gdial.web.dashboard.languages import N_, NAMES
from gdial.web.dashboard.page import Page, PageMaker, page_router
from gdial.web.dashboard.refusal_words import told
from gdial.web.paging import HIGHEST_OFFSET

router = page_router("/settings/users")

USERS_A_PAGE = 50
ROLES = {Role.VIEWER: N_("Viewer"), Role.OPERATOR: N_("Operator"), Role.ADMINISTRATOR: N_("Administrator")}

Text = Annotated[str, Form(max_length=1000)]


@router.get("")
async def show_all(
    rt: Rt, page: Page, actor: Administrator, offset: Annotated[int, Query(ge=0, le=HIGHEST_OFFSET)] = 0
) -> Response:
    return await _show_all(rt, page, offset=offset)


@router.post("")
async def add(
    rt: Rt,
    page: Page,
    actor: Administrator,
    name: Text = "",
    password: Text = "",
    role: Annotated[Role, Form()] = Role.OPERATOR,
    language: Text = "",
) -> Response:
    try:
        await create_user(rt, name, password, role, language)
    except (InvalidInput, Conflict) as error:
        return await _show_all(rt, page, name=name, error=error)
    return page.go_to("/settings/users")


@router.get("/{user_id}")
async def show(user_id: UUID, rt: Rt, page: Page, actor: Administrator) -> Response:
    return await _show(rt, page, user_id)


@router.post("/{user_id}")
async def change(
    user_id: UUID,
    rt: Rt,
    page: Page,
    actor: Administrator,
    role: Annotated[Role, Form()],
    name: Text = "",
    language: Text = "",
) -> Response:
    try:
        await change_user(rt, user_id, {"name": name, "role": role, "language": language})
    except (InvalidInput, Conflict) as error:
        return await _show(rt, page, user_id, error)
    return page.go_to("/settings/users")


@router.post("/{user_id}/password")
async def change_password(user_id: UUID, rt: Rt, page: Page, actor: Administrator, password: Text = "") -> Response:
    """For somebody who forgot it."""
    try:
        await set_password(rt, user_id, password)
    except InvalidInput as error:
        return await _show(rt, page, user_id, error)
    return page.go_to("/settings/users")


@router.post("/{user_id}/remove")
async def remove(
    user_id: UUID, rt: Rt, page: Page, actor: Administrator, sure: Annotated[bool, Form()] = False
) -> Response:
    try:
        if not sure:
            raise Conflict(NOT_SURE)
        await remove_user(rt, user_id)
    except Conflict as error:
        return await _show(rt, page, user_id, error)
    return page.go_to("/settings/users")


NOT_SURE = N_("Tick the box to remove the user.")


async def _show_all(
    rt: Rt, page: PageMaker, *, offset: int = 0, name: str = "", error: GDialError | None = None
) -> Response:
    async with rt.database.reading() as tx:
        found, total = await users.page(tx, USERS_A_PAGE, offset)
    return page.show(
        "users.html",
        _status(error),
        users=found,
        total=total,
        limit=USERS_A_PAGE,
        offset=offset,
        roles=ROLES,
        choices={code: NAMES[code] for code in LANGUAGES},
        name=name,
        error=told(page.language, error) if error else "",
    )


async def _show(rt: Rt, page: PageMaker, user_id: UUID, error: GDialError | None = None) -> Response:
    async with rt.database.reading() as tx:
        user = await users.get(tx, user_id)
    choices = {code: NAMES[code] for code in LANGUAGES}
    told_error = told(page.language, error) if error else ""
    return page.show("user.html", _status(error), user=user, roles=ROLES, choices=choices, error=told_error)


def _status(error: GDialError | None) -> int:
    if error is None:
        return 200
    return 409 if isinstance(error, Conflict) else 422
