"""Take in one message from a person or a program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypedDict
from uuid import UUID, uuid4

from gdial.actions.recorded_parts import check_recordings
from gdial.actions.system_settings import read_values
from gdial.contacts.rows import clean_text
from gdial.errors import InvalidInput
from gdial.messages.model import read_message
from gdial.messages.translations import read_translations, translations_to_json
from gdial.runtime import Runtime
from gdial.storage import messages
from gdial.storage.messages import Message

MAX_NAME_CHARACTERS = 200


class GivenMessage(TypedDict, total=False):
    """What was given of a message; a field that is not there stays as it is. `responses` and `translations` are
    parsed JSON."""

    name: str
    text: str
    language: str
    responses: object
    translations: object


async def create_message(rt: Runtime, given: GivenMessage) -> Message:
    """Raises InvalidInput with the field's path. Without a language it is in the installation's."""
    now = rt.clock()
    default_language = (await read_values(rt)).text("default_language")
    parts = {"text": "", "language": default_language, **given}
    content = read_message(parts)
    translations = read_translations(given.get("translations"), content)
    message = Message(uuid4(), _read_name(given.get("name", "")), content, now, now, translations)
    async with rt.database.transaction() as tx:
        await check_recordings(tx, content, translations)
        await messages.insert(tx, message)
    return message


async def change_message(rt: Runtime, message_id: UUID, given: GivenMessage) -> Message:
    """Runs made before keep what they were made with. Raises NotFound, or InvalidInput with the field's path."""
    async with rt.database.transaction() as tx:
        before = await messages.get(tx, message_id, lock=True)
        translated = translations_to_json(before.translations)
        parts: dict[str, Any] = {**before.content.to_json(), "translations": translated, **given}
        name = _read_name(given["name"]) if "name" in given else before.name
        content = read_message(parts)
        translations = read_translations(parts["translations"], content)
        await check_recordings(tx, content, translations)
        after = replace(before, name=name, content=content, translations=translations)
        if after != before:
            after = replace(after, updated_at=rt.clock())
            await messages.save(tx, after)
        return after


async def remove_message(rt: Runtime, message_id: UUID) -> None:
    """Runs made with it go on. Raises NotFound."""
    async with rt.database.transaction() as tx:
        await messages.remove(tx, message_id)


def _read_name(text: str) -> str:
    name = clean_text(text)
    if not name:
        raise InvalidInput("must not be empty", where="name", example="School closed")
    if len(name) > MAX_NAME_CHARACTERS:
        raise InvalidInput(f"is {len(name):,} characters long; at most {MAX_NAME_CHARACTERS} are allowed", where="name")
    return name
