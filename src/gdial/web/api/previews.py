"""What a person would hear: `/api/messages/{id}/preview`, and `/api/messages/preview` for what is not saved."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from gdial.actions.preview_message import HeardPart, Preview, preview_message
from gdial.actions.recorded_parts import check_recordings
from gdial.actions.system_settings import read_values
from gdial.messages.model import read_message
from gdial.messages.translations import read_translations
from gdial.storage import messages
from gdial.web.api.messages import Language, Responses, Text, Translations
from gdial.web.context import Rt
from gdial.web.openapi import api_router

router = api_router("/api/messages", "messages")

OneLanguage = Annotated[
    str | None, Query(max_length=100, description="Instead of the contact's own, to hear a translation.")
]


class PreviewWish(BaseModel):
    """A message that is not saved. Without `language` it is in the installation's."""

    model_config = ConfigDict(extra="forbid")

    text: Text = Field(examples=["Hello {first_name}. The school is closed today. Press 1 to confirm."])
    language: Language = Field(default="", examples=["sv"])
    responses: Responses = Field(default_factory=dict)
    translations: Translations = Field(default_factory=dict)
    contact_id: UUID | None = None

    def content(self, default_language: str) -> dict[str, Any]:
        return {"text": self.text, "language": self.language or default_language, "responses": self.responses}


class HeardShape(BaseModel):
    """`audio_url` is null until it is spoken, and `estimated_seconds` then a guess by the number of characters."""

    text: str
    language: str
    personal: bool
    audio_url: str | None = Field(examples=["/tts/audio/5f0c…"])
    estimated_seconds: float
    recording: str | None = Field(description="Played here; `text` is what is said in it.", examples=["welcome"])

    @classmethod
    def of(cls, part: HeardPart) -> HeardShape:
        return cls(
            text=part.text,
            language=part.language,
            personal=part.is_personal,
            audio_url=None if part.audio_name is None else f"/tts/audio/{part.audio_name}",
            estimated_seconds=part.seconds,
            recording=part.recording or None,
        )


class KeyShape(BaseModel):
    label: str
    reply: HeardShape


class PreviewShape(BaseModel):
    """`no_answer` is what is said in the end to somebody who presses nothing; null for an announcement, which just
    ends. `*` says the parts again."""

    language: str
    translated: bool
    parts: list[HeardShape]
    estimated_seconds: float
    keys: dict[str, KeyShape]
    no_answer: HeardShape | None

    @classmethod
    def of(cls, preview: Preview) -> PreviewShape:
        return cls(
            language=preview.language,
            translated=not preview.is_own_language,
            parts=[HeardShape.of(part) for part in preview.parts],
            estimated_seconds=preview.seconds,
            keys={
                key: KeyShape(label=each.label, reply=HeardShape.of(each.reply)) for key, each in preview.keys.items()
            },
            no_answer=None if preview.no_answer is None else HeardShape.of(preview.no_answer),
        )


@router.post("/preview")
async def preview_unsaved(wish: PreviewWish, rt: Rt) -> PreviewShape:
    """What this contact would hear, in order; without a contact, fields are shown in braces."""
    content = read_message(wish.content((await read_values(rt)).text("default_language")))
    translations = read_translations(wish.translations, content)
    async with rt.database.reading() as tx:
        await check_recordings(tx, content, translations)
    return PreviewShape.of(await preview_message(rt, content, translations, wish.contact_id))


@router.api_route("/preview", methods=["GET", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def take_only_posts() -> None:
    """Else this address would be taken for a message with an odd id."""
    raise HTTPException(405)


@router.get("/{message_id}/preview")
async def preview(
    message_id: UUID, rt: Rt, contact_id: UUID | None = None, language: OneLanguage = None
) -> PreviewShape:
    """What this contact would hear, in order; without a contact, fields are shown in braces."""
    async with rt.database.reading() as tx:
        message = await messages.get(tx, message_id)
    return PreviewShape.of(await preview_message(rt, message.content, message.translations, contact_id, language))
