"""Which of the languages a voice knows is the one of a text."""

from __future__ import annotations

from collections.abc import Iterable

from gdial.errors import InvalidInput


def plain_tag(language: str) -> str:
    """A BCP-47 tag in small letters with hyphens: `sv-se` for `sv_SE`."""
    return language.strip().lower().replace("_", "-")


def main_language(language: str) -> str:
    return plain_tag(language).partition("-")[0]


def find_language(language: str, known: Iterable[str]) -> str:
    """The one of `known` for this language: itself, without its country, or the first of another country.

    Raises `InvalidInput` naming those there are.
    """
    by_tag = {plain_tag(each): each for each in known}
    tag = plain_tag(language)
    while tag:
        if tag in by_tag:
            return by_tag[tag]
        tag = tag.rpartition("-")[0]
    relatives = [each for each in by_tag.values() if main_language(each) == main_language(language)]
    if relatives:
        return relatives[0]
    there_are = ", ".join(sorted(by_tag.values())) or "none"
    raise InvalidInput(f'no voice speaks "{language}"; there are: {there_are}', where="language", example="sv")


def find_voice(voice: str, known: Iterable[str]) -> str:
    """The one of `known` with this name, in small or capital letters. Raises `InvalidInput` naming those there are."""
    names = list(dict.fromkeys(known))
    for name in names:
        if name.lower() == voice.strip().lower():
            return name
    raise InvalidInput(
        f'there is no voice "{voice}" for this language; there are: {", ".join(names) or "none to choose from"}',
        where="voice",
        example=names[0] if names else "",
    )
