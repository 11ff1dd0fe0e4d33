"""`/api/messages`: saved texts and what their keys mean."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gdial.actions.save_message import GivenMessage, change_message, create_message, remove_message
from gdial.actions.system_settings import read_values
from gdial.messages.model import RESPONSES_EXAMPLE, ResponseJson
from gdial.messages.translations import TRANSLATIONS_EXAMPLE, TranslationJson, translations_to_json
from gdial.storage import messages
from gdial.storage.messages import Message
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/messages", "messages")

Name = Annotated[str, StringConstraints(max_length=1_000)]
Text = Annotated[str, StringConstraints(max_length=50_000)]
Language = Annotated[str, StringConstraints(max_length=100)]
Responses = Annotated[
    dict[str, Any],
    Field(description=f"By key, 0-9 and #: what it means, and what is said back, as in {RESPONSES_EXAMPLE}"),
]
Translations = Annotated[
    dict[str, Any],
    Field(description=f"The same in other languages, each with the same keys, as in {TRANSLATIONS_EXAMPLE}"),
]


class MessageChanges(BaseModel):
    """Fields that are left out stay as they are; `responses` and `translations` replace those there were."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(default="", examples=["School closed"])
    text: Text = Field(default="", examples=["Hello {first_name}. The school is closed today. Press 1 to confirm."])
    language: Language = Field(default="", examples=["sv"])
    responses: Responses = Field(default_factory=dict)
    translations: Translations = Field(default_factory=dict)

    def given(self) -> GivenMessage:
        """Only what was sent."""
        sent = GivenMessage()
        for name in self.model_fields_set:
            sent[name] = getattr(self, name)  # type: ignore[literal-required]
        return sent


class MessageWish(MessageChanges):
    """A whole message. Without `language` it is in the installation's."""

    name: Name = Field(examples=["School closed"])
    text: Text = Field(examples=["Hello {first_name}. The school is closed today. Press 1 to confirm."])


class MessageShape(BaseModel):
    id: UUID
    name: str
    text: str
    language: str
    responses: dict[str, ResponseJson]
    translations: dict[str, TranslationJson]
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def of(cls, message: Message) -> MessageShape:
        return cls(
            id=message.id,
            name=message.name,
            **message.content.to_json(),
            translations=translations_to_json(message.translations),
            created_at=message.created_at,
            updated_at=message.updated_at,
        )


@router.get("")
async def list_messages(rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[MessageShape]:
    """By name."""
    async with rt.database.reading() as tx:
        found, total = await messages.page(tx, limit, offset)
    return Page(items=[MessageShape.of(message) for message in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
async def create(wish: MessageWish, rt: Rt, response: Response) -> MessageShape:
    message = await create_message(rt, wish.given())
    response.headers["location"] = f"/api/messages/{message.id}"
    return MessageShape.of(message)


@router.get("/{message_id}")
async def show(message_id: UUID, rt: Rt) -> MessageShape:
    async with rt.database.reading() as tx:
        return MessageShape.of(await messages.get(tx, message_id))


@router.put("/{message_id}")
async def replace(message_id: UUID, wish: MessageWish, rt: Rt) -> MessageShape:
    """The whole message anew. Runs made before keep what they were made with."""
    given = GivenMessage(
        name=wish.name,
        text=wish.text,
        language=wish.language or (await read_values(rt)).text("default_language"),
        responses=wish.responses,
        translations=wish.translations,
    )
    return MessageShape.of(await change_message(rt, message_id, given))


@router.patch("/{message_id}")
async def change(message_id: UUID, changes: MessageChanges, rt: Rt) -> MessageShape:
    """The fields that are sent; the others stay. Runs made before keep what they were made with."""
    return MessageShape.of(await change_message(rt, message_id, changes.given()))


@router.delete("/{message_id}", status_code=204)
async def remove(message_id: UUID, rt: Rt) -> None:
    """Runs made with it go on."""
    await remove_message(rt, message_id)
