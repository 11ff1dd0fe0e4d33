"""What a run or a message says, in the language of the one who hears it."""

from __future__ import annotations

from uuid import UUID

from gdial.dialing.states import RunMode
from gdial.errors import InvalidInput
from gdial.messages.drills import as_drill
from gdial.messages.model import MessageContent, read_responses
from gdial.messages.translations import Translations, read_translations
from gdial.storage import custom_messages, messages
from gdial.storage.database import Transaction
from gdial.storage.recipients import StoredRecipient
from gdial.storage.runs import Run


def content_for(recipient: StoredRecipient) -> MessageContent:
    """As the run was made: a message changed later changes nothing here."""
    return content_in(recipient.run, recipient.language)


def content_in(run: Run, language: str | None) -> MessageContent:
    """What this run says to people of this language; None is its own."""
    content = own_content(run)
    if language is None or language not in run.translations:
        return content
    return _said(run, read_translations({language: run.translations[language]}, content)[language])


def own_content(run: Run) -> MessageContent:
    return _said(run, MessageContent(run.text, run.language, read_responses(run.responses)))


def translations_of(run: Run, content: MessageContent) -> Translations:
    return {tag: _said(run, told) for tag, told in read_translations(run.translations, content).items()}


def _said(run: Run, content: MessageContent) -> MessageContent:
    return as_drill(content) if run.mode is RunMode.DRILL else content


async def saved_words(tx: Transaction, message_id: UUID) -> tuple[MessageContent, Translations]:
    """Of a message. Raises NotFound."""
    message = await messages.get(tx, message_id)
    return message.content, message.translations


async def kept_words(tx: Transaction, custom_message_id: UUID) -> MessageContent:
    """Of a custom message. Raises NotFound, and InvalidInput once they were cleared."""
    kept = await custom_messages.get(tx, custom_message_id)
    if not kept.message_content:
        raise InvalidInput("its text was cleared, being older than the retention allows", where="custom_message_id")
    return MessageContent(kept.message_content, kept.language, read_responses(kept.dtmf_responses))
