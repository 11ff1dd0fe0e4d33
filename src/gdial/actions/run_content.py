"""What a run says, in the language of the one who hears it."""

from __future__ import annotations

from gdial.messages.model import MessageContent, read_responses
from gdial.messages.translations import Translations, read_translations
from gdial.storage.recipients import StoredRecipient
from gdial.storage.runs import Run


def content_for(recipient: StoredRecipient) -> MessageContent:
    """As the run was made: a message changed later changes nothing here."""
    content = own_content(recipient.run)
    tag, stored = recipient.language, recipient.run.translations
    if tag is None or tag not in stored:
        return content
    return read_translations({tag: stored[tag]}, content)[tag]


def own_content(run: Run) -> MessageContent:
    return MessageContent(run.text, run.language, read_responses(run.responses))


def translations_of(run: Run, content: MessageContent) -> Translations:
    return read_translations(run.translations, content)
