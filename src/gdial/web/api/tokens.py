"""`/api/tokens`: API tokens with a role and an end."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gdial.actions.save_token import LONGEST_DAYS, create_token, remove_token
from gdial.storage import api_tokens
from gdial.storage.api_tokens import ApiToken
from gdial.storage.roles import Role
from gdial.web.access.current import Administrator
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/tokens", "access")


class TokenWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(max_length=1_000)] = Field(examples=["the alarm system"])
    role: Role = Field(examples=["operator"])
    days: int | None = Field(
        default=365, ge=1, le=LONGEST_DAYS, description="Good for so long; null: until it is removed."
    )
    user_id: UUID | None = Field(
        default=None,
        description="Whose own it is: it may never do more than this user, and what it starts no brake holds back. "
        "null: a program's.",
    )


class TokenShape(BaseModel):
    """`user_name` is "" for a program's."""

    id: UUID
    name: str
    role: Role
    user_id: UUID | None
    user_name: str
    created_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    last_used_at: AwareDatetime | None

    @classmethod
    def of(cls, token: ApiToken) -> TokenShape:
        return cls(**{name: getattr(token, name) for name in TokenShape.model_fields})


class NewTokenShape(TokenShape):
    token: str = Field(description="In this answer, and never again.")


@router.get("")
async def list_tokens(rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[TokenShape]:
    """Newest first, those that are over too. The installation's own API_TOKEN is not among them."""
    async with rt.database.reading() as tx:
        found, total = await api_tokens.page(tx, limit, offset)
    return Page(items=[TokenShape.of(token) for token in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
async def create(wish: TokenWish, rt: Rt, actor: Administrator, response: Response) -> NewTokenShape:
    made = await create_token(rt, actor, wish.name, wish.role, days=wish.days, user_id=wish.user_id)
    response.headers["location"] = f"/api/tokens/{made.token.id}"
    return NewTokenShape(token=made.secret, **TokenShape.of(made.token).model_dump())


@router.get("/{token_id}")
async def show(token_id: UUID, rt: Rt) -> TokenShape:
    async with rt.database.reading() as tx:
        return TokenShape.of(await api_tokens.get(tx, token_id))


@router.delete("/{token_id}", status_code=204)
async def remove(token_id: UUID, rt: Rt) -> None:
    """Nothing comes in with it from now on."""
    await remove_token(rt, token_id)
