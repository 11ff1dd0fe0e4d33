"""What a run says, in the language of the one who hears it."""

from __future__ import annotations

from gdial.messages.model import MessageContent, read_responses
from gdial.messages.translations import Translations, choose_content, read_translations
from gdial.storage.recipients import StoredRecipient
from gdial.storage.runs import Run


def content_for(recipient: StoredRecipient) -> MessageContent:
    """As the run was made: a message changed later changes nothing here."""
    content = own_content(recipient.run)
    if recipient.language is None:
        return content
    return choose_content(content, translations_of(recipient.run, content), recipient.language)


def own_content(run: Run) -> MessageContent:
    return MessageContent(run.text, run.language, read_responses(run.responses))


def translations_of(run: Run, content: MessageContent) -> Translations:
    return read_translations(run.translations, content)
