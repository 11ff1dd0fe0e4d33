"""`/api/settings`: what an operator changes while GDial runs, and who changed what."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gdial.actions.system_settings import change_setting, read_values, reset_setting
from gdial.settings.system import SYSTEM_SETTINGS, SystemValues, find_system_setting
from gdial.storage import system_settings
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/settings", "settings")

CHANGED_BY = "api"
Value = bool | int | str
Key = Annotated[str, Path(max_length=80, examples=["rounds"])]


class BoundsShape(BaseModel):
    """`lowest` and `highest` bound a whole number, or the characters of a text; `allowed` says all of it in words."""

    allowed: str
    lowest: int | None
    highest: int | None
    choices: list[str]


class SettingShape(BaseModel):
    name: str
    value: Value
    default: Value
    changed: bool
    unit: str
    bounds: BoundsShape
    help: str

    @classmethod
    def of(cls, key: str, values: SystemValues) -> SettingShape:
        setting = find_system_setting(key)
        bounds = BoundsShape(
            allowed=setting.allowed, lowest=setting.lowest, highest=setting.highest, choices=list(setting.choices)
        )
        return cls(
            name=key,
            value=values.get(key),
            default=setting.default(values.settings),
            changed=key in values.changed,
            unit=setting.unit,
            bounds=bounds,
            help=setting.help,
        )


class SettingWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: Any = Field(description="A number, a text, or true or false, as the setting's bounds say.", examples=[3])


class ChangeShape(BaseModel):
    """A value of null is the default, as it was at the time."""

    id: UUID
    name: str
    old_value: Value | None
    new_value: Value | None
    changed_at: AwareDatetime
    changed_by: str


@router.get("")
async def list_settings(rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[SettingShape]:
    """All of them, in the order of their page in the documentation."""
    values = await read_values(rt)
    items = [SettingShape.of(key, values) for key in list(SYSTEM_SETTINGS)[offset : offset + limit]]
    return Page(items=items, total=len(SYSTEM_SETTINGS), limit=limit, offset=offset)


@router.get("/changes")
async def list_changes(
    rt: Rt, name: str | None = None, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Page[ChangeShape]:
    """Newest first; with `name` those of one setting."""
    async with rt.database.reading() as tx:
        found, total = await system_settings.page_of_changes(tx, limit, offset, name)
    items = [
        ChangeShape(
            id=each.id,
            name=each.key,
            old_value=each.old_value,
            new_value=each.new_value,
            changed_at=each.changed_at,
            changed_by=each.changed_by,
        )
        for each in found
    ]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.get("/{name}")
async def show(name: Key, rt: Rt) -> SettingShape:
    return SettingShape.of(name, await read_values(rt))


@router.put("/{name}")
async def change(name: Key, wish: SettingWish, rt: Rt) -> SettingShape:
    """In force from the next call-out on; runs that are made already keep their policy."""
    return SettingShape.of(name, await change_setting(rt, name, wish.value, CHANGED_BY))


@router.delete("/{name}")
async def reset(name: Key, rt: Rt) -> SettingShape:
    """Back to the default."""
    return SettingShape.of(name, await reset_setting(rt, name, CHANGED_BY))
