"""`/api/custom-messages`: texts written for one occasion, as they were said."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from gdial.messages.model import ResponseJson
from gdial.storage import custom_messages
from gdial.storage.custom_messages import CustomMessage
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/custom-messages", "messages")


class CustomMessageShape(BaseModel):
    """`contact_id` is the one person it was written for, if it was. `message_content` is empty once it is older than
    personal data is kept."""

    id: UUID
    contact_id: UUID | None
    message_content: str
    message_type: Literal["call"]
    dtmf_responses: dict[str, ResponseJson]
    language: str
    created_at: AwareDatetime

    @classmethod
    def of(cls, message: CustomMessage) -> CustomMessageShape:
        return cls(**{name: getattr(message, name) for name in cls.model_fields})


@router.get("")
async def list_custom_messages(
    rt: Rt, contact_id: UUID | None = None, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Page[CustomMessageShape]:
    """Newest first; with `contact_id` those for this person."""
    async with rt.database.reading() as tx:
        found, total = await custom_messages.page(tx, limit, offset, contact_id)
    return Page(items=[CustomMessageShape.of(each) for each in found], total=total, limit=limit, offset=offset)


@router.get("/{custom_message_id}")
async def show(custom_message_id: UUID, rt: Rt) -> CustomMessageShape:
    async with rt.database.reading() as tx:
        return CustomMessageShape.of(await custom_messages.get(tx, custom_message_id))
