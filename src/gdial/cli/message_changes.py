"""What is typed after `gdial message add` and `gdial message edit`, turned into what the REST interface takes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdial.cli.asking import Item, check_anything_said
from gdial.cli.run.wish import drop_unset
from gdial.errors import InvalidInput
from gdial.messages.model import normalise_language

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class MessageEdit:
    """None is what was not said. With `in_language` the text and the keys are of that translation."""

    name: str | None
    text: str | None
    keys: Mapping[str, Mapping[str, str]] | None
    language: str | None
    in_language: str | None
    without: tuple[str, ...]


def read_text(text: str | None, file: str | None) -> str | None:
    """The text itself, or that of a file; None when neither was given."""
    if text is not None and file is not None:
        raise InvalidInput("give one of them, not both", where="--text or --file")
    if file is None:
        return text
    try:
        raw = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
        return raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise InvalidInput("is not a text in UTF-8", where=f"--file {file}") from None
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", where=f"--file {file}") from None


def changes_of(message: Item, edit: MessageEdit) -> dict[str, Any]:
    """The body of the change. Raises InvalidInput for an edit of nothing, and for a translation that is not there."""
    content = drop_unset(text=edit.text, responses=edit.keys)
    translations = _without(message["translations"], edit.without)
    if edit.in_language is None:
        changes = drop_unset(name=edit.name, language=edit.language) | content
    else:
        changes = drop_unset(name=edit.name, language=edit.language)
        changes |= _translated(message, translations, _tag(edit.in_language, "--in"), content)
    if edit.without:
        changes.setdefault("translations", translations)
    check_anything_said(changes, 'gdial message edit "School closed" --in en --text "The school is closed."')
    return changes


def _translated(message: Item, translations: Item, tag: str, content: Item) -> Item:
    """The message's own language is the message itself."""
    if not content:
        raise InvalidInput("say the text or the keys in it", where="--in", example=f'--in {tag} --text "…"')
    if tag == message["language"]:
        return content
    if tag not in translations and "text" not in content:
        raise InvalidInput(f"there is no translation into {tag} yet; say its text", where="--in", example="--text TEXT")
    return {"translations": translations | {tag: translations.get(tag, {}) | content}}


def _without(translations: Item, tags: tuple[str, ...]) -> Item:
    dropped = {_tag(tag, "--without") for tag in tags}
    unknown = sorted(dropped - translations.keys())
    if unknown:
        there = f"there are: {', '.join(translations)}" if translations else "there is none"
        raise InvalidInput(f"there is no translation into {unknown[0]}; {there}", where="--without")
    return {tag: content for tag, content in translations.items() if tag not in dropped}


def _tag(text: str, where: str) -> str:
    try:
        return normalise_language(text)
    except InvalidInput as error:
        raise InvalidInput(error.reason, where=where, example="en") from None
