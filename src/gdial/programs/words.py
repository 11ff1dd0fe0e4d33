"""What one person hears of a message, for programs that name both by id."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from gdial.actions.prepare_speech import message_for
from gdial.actions.recorded_parts import look_up_in
from gdial.actions.run_content import kept_words, saved_words
from gdial.actions.system_settings import load_values
from gdial.errors import InvalidInput
from gdial.messages.dialogue import Spoken, say_parts
from gdial.messages.model import MessageContent
from gdial.messages.parts import split_parts
from gdial.messages.render import contact_fields
from gdial.messages.translations import Translations, choose_content
from gdial.programs.opening import OpenRecords
from gdial.storage import contacts
from gdial.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Words:
    """`chosen` is what the person hears, by their language; `said` is the message piece by piece, without a person only
    what is the same for everybody."""

    chosen: MessageContent
    everything: tuple[MessageContent, ...]
    said: tuple[Spoken, ...]


def read_id(given: UUID | str | None) -> UUID | None:
    """Raises InvalidInput."""
    try:
        return UUID(given) if isinstance(given, str) else given
    except ValueError:
        raise InvalidInput(f"{given!r} is not an id", where="id", example=str(UUID(int=7))) from None


async def words_of(
    records: OpenRecords, message_id: UUID | None, custom_message_id: UUID | None, contact_id: UUID | None
) -> Words:
    """Raises InvalidInput unless just one of the messages is named, NotFound."""
    async with records.database.reading() as tx:
        own, translations = await _named(tx, message_id, custom_message_id)
        everything = (own, *translations.values())
        if contact_id is None:
            fixed = [part for part in split_parts(own.text) if not part.personal]
            return Words(own, everything, tuple(await look_up_in(tx, say_parts(own, fixed, {}))))
        person = await contacts.get(tx, contact_id)
        language = person.language or (await load_values(tx, records.settings)).text("default_language")
        chosen = choose_content(own, translations, language)
        fields = contact_fields(person.name, [group.name for group in person.groups])
        return Words(chosen, everything, tuple(await look_up_in(tx, message_for(chosen, fields))))


async def _named(
    tx: Transaction, message_id: UUID | None, custom_message_id: UUID | None
) -> tuple[MessageContent, Translations]:
    if message_id is not None and custom_message_id is None:
        return await saved_words(tx, message_id)
    if custom_message_id is not None and message_id is None:
        return await kept_words(tx, custom_message_id), {}
    raise InvalidInput("give either message_id or custom_message_id", where="message_id")
