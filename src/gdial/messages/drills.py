"""A drill says first of all that it is one."""

from __future__ import annotations

from dataclasses import replace

from gdial.errors import InvalidInput, Worded
from gdial.messages.model import MAX_TEXT_CHARACTERS, MessageContent
from gdial.messages.phrases import phrases_for


def as_drill(content: MessageContent) -> MessageContent:
    """What is said of this message in a drill. Raises InvalidInput for a text that has no room for it."""
    said = f"{phrases_for(content.language).drill} {content.text}"
    spare = len(said) - MAX_TEXT_CHARACTERS
    if spare > 0:
        raise InvalidInput(
            Worded("a drill says so first: this text is {spare} characters too long for one", spare=spare), where="text"
        )
    return replace(content, text=said)
