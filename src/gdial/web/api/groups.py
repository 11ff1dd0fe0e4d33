"""`/api/groups`: named lists of contacts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from gdial.actions import save_group
from gdial.storage import contacts, groups
from gdial.web.api.contact_shapes import ContactShape, GroupRenaming, GroupShape, GroupWish, MembersWish
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/groups", "groups")

Search = Annotated[str, Query(max_length=200, description="Part of a name.")]


@router.get("")
async def list_groups(
    rt: Rt, search: Search = "", limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Page[GroupShape]:
    """By name."""
    async with rt.database.reading() as tx:
        found, total = await groups.page(tx, limit, offset, search)
    return Page(items=[GroupShape.of(group) for group in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
async def create(wish: GroupWish, rt: Rt, response: Response) -> GroupShape:
    group = await save_group.create_group(rt, wish.name, wish.contact_ids)
    response.headers["location"] = f"/api/groups/{group.id}"
    return GroupShape.of(group)


@router.get("/{group_id}")
async def show(group_id: UUID, rt: Rt) -> GroupShape:
    async with rt.database.reading() as tx:
        return GroupShape.of(await groups.get(tx, group_id))


@router.put("/{group_id}")
@router.patch("/{group_id}")
async def rename(group_id: UUID, wish: GroupRenaming, rt: Rt) -> GroupShape:
    return GroupShape.of(await save_group.rename_group(rt, group_id, wish.name))


@router.delete("/{group_id}", status_code=204)
async def remove(group_id: UUID, rt: Rt) -> None:
    """The people in it stay, and runs made with it go on."""
    await save_group.remove_group(rt, group_id)


@router.get("/{group_id}/members")
async def list_members(group_id: UUID, rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[ContactShape]:
    """By name."""
    async with rt.database.reading() as tx:
        await groups.get(tx, group_id)
        found, total = await contacts.page(tx, limit, offset, group_id=group_id)
    return Page(items=[ContactShape.of(contact) for contact in found], total=total, limit=limit, offset=offset)


@router.post("/{group_id}/members")
async def add_members(group_id: UUID, wish: MembersWish, rt: Rt) -> GroupShape:
    """Those who are in it already stay; with one id that is no contact's nobody is added."""
    return GroupShape.of(await save_group.add_members(rt, group_id, wish.contact_ids))


@router.delete("/{group_id}/members/{contact_id}", status_code=204)
async def remove_member(group_id: UUID, contact_id: UUID, rt: Rt) -> None:
    await save_group.remove_member(rt, group_id, contact_id)
