"""`/api/users`: who may log in, and what each may do."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gdial.actions.passwords import EXAMPLE
from gdial.actions.save_user import NAME_EXAMPLE, GivenUser, change_user, create_user, remove_user, set_password
from gdial.storage import users
from gdial.storage.roles import Role
from gdial.storage.users import User
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/users", "access")

Text = Annotated[str, StringConstraints(max_length=1_000)]


class UserChanges(BaseModel):
    """Fields that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    name: Text = Field(default="", examples=[NAME_EXAMPLE])
    role: Role = Field(default=Role.VIEWER, examples=["operator"])
    language: Text = Field(default="", examples=["sv"], description="Of the pages: sv, en, or empty for the browser's.")

    def given(self) -> GivenUser:
        """Only what was sent."""
        sent = GivenUser()
        for name in self.model_fields_set:
            sent[name] = getattr(self, name)  # type: ignore[literal-required]
        return sent


class PasswordWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: Text = Field(examples=[EXAMPLE], description="At least 12 characters.")


class UserWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Text = Field(examples=[NAME_EXAMPLE])
    password: Text = Field(examples=[EXAMPLE], description="At least 12 characters.")
    role: Role = Field(examples=["operator"])
    language: Text = Field(default="", examples=["sv"])


class UserShape(BaseModel):
    id: UUID
    name: str
    role: Role
    language: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    last_login_at: AwareDatetime | None

    @classmethod
    def of(cls, user: User) -> UserShape:
        return cls(**{name: getattr(user, name) for name in cls.model_fields})


@router.get("")
async def list_users(rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[UserShape]:
    """By name."""
    async with rt.database.reading() as tx:
        found, total = await users.page(tx, limit, offset)
    return Page(items=[UserShape.of(user) for user in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
async def create(wish: UserWish, rt: Rt, response: Response) -> UserShape:
    user = await create_user(rt, wish.name, wish.password, wish.role, wish.language)
    response.headers["location"] = f"/api/users/{user.id}"
    return UserShape.of(user)


@router.get("/{user_id}")
async def show(user_id: UUID, rt: Rt) -> UserShape:
    async with rt.database.reading() as tx:
        return UserShape.of(await users.get(tx, user_id))


@router.patch("/{user_id}")
async def change(user_id: UUID, changes: UserChanges, rt: Rt) -> UserShape:
    """The fields that are sent; a new role is in force from the next request on."""
    return UserShape.of(await change_user(rt, user_id, changes.given()))


@router.put("/{user_id}/password")
async def change_password(user_id: UUID, wish: PasswordWish, rt: Rt) -> UserShape:
    """The user is logged out everywhere."""
    return UserShape.of(await set_password(rt, user_id, wish.password))


@router.delete("/{user_id}", status_code=204)
async def remove(user_id: UUID, rt: Rt) -> None:
    """With all sessions and tokens. The last administrator stays."""
    await remove_user(rt, user_id)
