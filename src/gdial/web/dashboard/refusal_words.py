"""What was refused, in the language of the page: the catalogues have the sentences of the actions as templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from string import Formatter
from typing import Any, Final

from babel.numbers import format_decimal

from gdial.errors import GDialError, InvalidInput, NotFound, Worded
from gdial.web.dashboard.history_words import HINDRANCES
from gdial.web.dashboard.languages import N_, translated
from gdial.web.dashboard.new_run_form import NUMBERS

FIELDS: Final[Mapping[str, str]] = {
    "name": N_("Name"),
    "password": N_("Password"),
    "old_password": N_("Password of now"),
    "language": N_("Language"),
    "days": N_("Days"),
    "owner": N_("For"),
    "text": N_("Text"),
    "label": N_("Means"),
    "reply": N_("Is answered with"),
    "responses": N_("Keys and what they mean"),
    "group_ids": N_("Whom"),
    "pasted_list": N_("The list"),
    "message_id": N_("Saved message"),
    "policy.reached_when": N_("Reached is"),
    **{f"policy.{name}": words for name, words in NUMBERS.items()},
}
"""What a page calls a field that the actions name as programs know it."""

KEY: Final = "responses."

SAID_PLAINER: Final[Mapping[str, str]] = {
    "is not the password of now": N_("The password of now is wrong."),
    **{hindrance.value: words for hindrance, words in HINDRANCES.items()},
}

CODES = (
    *(N_("scheduled"), N_("running"), N_("paused"), N_("done"), N_("stopped")),
    *(N_("start"), N_("pause"), N_("resume"), N_("stop")),
    *(N_("viewer"), N_("operator"), N_("administrator")),
)
"""Values of a template that are one of a few."""

EXAMPLES = (N_("four words that nobody would guess"), N_("The school is closed today."), N_("Coming"))
"""Those that are words; others are shown as they are."""

DIFFERENT = N_("The two passwords differ.")

GONE = N_("Something that was chosen is there no more.")


def told(language: str, error: GDialError) -> str:
    """The whole of it in one sentence, with the field and a right example."""
    said, example = told_apart(language, error)
    return (
        translated(language, N_("%(said)s (for instance: %(example)s)"), said=said, example=example)
        if example
        else said
    )


def told_apart(language: str, error: GDialError) -> tuple[str, str]:
    """What is wrong, and a right example ("" for none)."""
    match error:
        case InvalidInput():
            return _with_field(language, error), _example(language, error.example)
        case NotFound():
            return translated(language, GONE), ""
        case _:
            return reason(language, error.args[0] if error.args else str(error)), ""


def reason(language: str, text: str, word: Callable[[str, str], str] | None = None) -> str:
    """A sentence of the actions; one that the catalogues do not have is left as it is. `word` is asked for the words
    of the values that are texts."""
    if not isinstance(text, Worded):
        return translated(language, SAID_PLAINER.get(text, text))
    template = translated(language, text.template)
    values = {name: _value(language, value, word) for name, value in text.values.items()}
    return _Filled(language).vformat(template, (), values) if values else template


def _value(language: str, value: object, word: Callable[[str, str], str] | None) -> object:
    if isinstance(value, Worded):
        return reason(language, value, word)
    if isinstance(value, StrEnum):
        return translated(language, value.value)
    return word(language, value) if word and isinstance(value, str) else value


class _Filled(Formatter):
    """Numbers are written as in this language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == ",":
            return str(format_decimal(value, locale=self._language))
        return str(super().format_field(value, format_spec))


def _with_field(language: str, error: InvalidInput) -> str:
    """What is a sentence of its own stands alone."""
    said = reason(language, error.reason)
    return f"{_field(language, error.where)}: {said}" if error.where and not said.endswith(".") else said


def _field(language: str, where: str) -> str:
    if isinstance(where, Worded):
        return reason(language, where, _field)
    if where.startswith(KEY):
        key, _, part = where.removeprefix(KEY).partition(".")
        return f"{translated(language, N_('Key'))} {key}" + (f", {_field(language, part)}" if part else "")
    return translated(language, FIELDS[where]) if where in FIELDS else where


def _example(language: str, example: str) -> str:
    """What programs write is no example for a form."""
    return "" if example.startswith('{"') else translated(language, example)
