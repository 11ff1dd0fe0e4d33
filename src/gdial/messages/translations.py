"""One message in several languages: the same keys in each, a text and replies of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from gdial.errors import InvalidInput
from gdial.messages.model import (
    MessageContent,
    ResponseJson,
    normalise_language,
    read_responses,
    responses_to_json,
)

MAX_TRANSLATIONS = 30

TRANSLATIONS_EXAMPLE = '{"en": {"text": "The school is closed.", "responses": {"1": {"label": "Heard", "reply": ""}}}}'

Translations = Mapping[str, MessageContent]
"""By language tag; the message's own language is not among them."""


class TranslationJson(TypedDict):
    text: str
    responses: dict[str, ResponseJson]


def read_translations(raw: object, base: MessageContent) -> dict[str, MessageContent]:
    """Translations out of parsed JSON; None is none. A label that is left out is the one of the message's own language.

    Raises InvalidInput with the path of what is wrong: a key that is missing or too many in a language, too.
    """
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise InvalidInput(
            "translations are an object with one entry for each further language",
            where="translations",
            example=TRANSLATIONS_EXAMPLE,
        )
    if len(raw) > MAX_TRANSLATIONS:
        raise InvalidInput(f"there are {len(raw)}; at most {MAX_TRANSLATIONS} are allowed", where="translations")
    found: dict[str, MessageContent] = {}
    for tag, translation in raw.items():
        where = f"translations.{str(tag)[:40]}"
        content = _read_translation(tag, translation, base, where)
        if content.language == base.language:
            raise InvalidInput("this is the message's own language, whose text stands in `text`", where=where)
        if content.language in found:
            raise InvalidInput("this language is there already", where=where)
        found[content.language] = content
    return dict(sorted(found.items()))


def translations_to_json(translations: Translations) -> dict[str, TranslationJson]:
    return {
        tag: {"text": content.text, "responses": responses_to_json(content.responses)}
        for tag, content in translations.items()
    }


def choose_content(base: MessageContent, translations: Translations, language: str | None) -> MessageContent:
    """What somebody of this language hears: exactly it, else its primary code (`fi` for `fi-SE`), else another kind of
    the same language (`en-GB` for `en`), else the message's own language."""
    if not language or not translations:
        return base
    by_tag = {base.language: base, **translations}
    tag = language.strip().replace("_", "-").lower()
    primary = primary_code(tag)
    exact = {known.lower(): content for known, content in by_tag.items()}
    kin = next((content for known, content in by_tag.items() if primary_code(known) == primary), base)
    return exact.get(tag) or exact.get(primary) or kin


def primary_code(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _read_translation(tag: object, raw: object, base: MessageContent, where: str) -> MessageContent:
    if not isinstance(tag, str) or not isinstance(raw, Mapping):
        raise InvalidInput(
            "a translation is an object with text and responses", where=where, example=TRANSLATIONS_EXAMPLE
        )
    unknown = [str(name) for name in raw if name not in ("text", "responses")]
    if unknown:
        raise InvalidInput(f"there is no {unknown[0][:40]!r} in a translation, only text and responses", where=where)
    if not isinstance(raw.get("text"), str):
        raise InvalidInput("this must be a text", where=f"{where}.text", example="The school is closed.")
    try:
        language = normalise_language(tag)
    except InvalidInput as error:
        raise InvalidInput(error.reason, where=where, example="en") from error
    try:
        responses = read_responses(_with_labels(raw.get("responses"), base))
        content = MessageContent(raw["text"], language, responses)
    except InvalidInput as error:
        raise InvalidInput(error.reason, where=f"{where}.{error.where}", example=error.example) from error
    _check_same_keys(content, base, where)
    return content


def _with_labels(raw: object, base: MessageContent) -> object:
    """Labels are for the operator, who may well read one language only."""
    if not isinstance(raw, Mapping):
        return raw
    return {key: _with_label(response, base, key) for key, response in raw.items()}


def _with_label(response: object, base: MessageContent, key: Any) -> object:
    if not isinstance(response, Mapping) or key not in base.responses:
        return response
    return {"label": base.responses[key].label, **response}


def _check_same_keys(content: MessageContent, base: MessageContent, where: str) -> None:
    for key in sorted(base.responses.keys() ^ content.responses.keys()):
        reason = "is missing: every language has the same keys"
        if key not in base.responses:
            reason = "has no meaning in the message's own language: every language has the same keys"
        raise InvalidInput(f"the key {key} {reason}", where=f"{where}.responses.{key}", example=TRANSLATIONS_EXAMPLE)
