"""Which of the languages a voice knows is the one of a text."""

from __future__ import annotations

from collections.abc import Iterable

from gdial.errors import InvalidInput, Worded

# Where a voice speaks several countries' kind, and the one meant is not that of the country of the same name (fr-FR).
PREFERRED = {"en": "en-gb"}
# Two names for one language, or a written form that is read aloud alike.
ALIASES = {
    "nb": ("no",),
    "no": ("nb",),
    "nn": ("nb", "no"),
    "he": ("iw",),
    "iw": ("he",),
    "zh": ("cmn",),
    "fil": ("tl",),
}


def plain_tag(language: str) -> str:
    """A BCP-47 tag in small letters with hyphens: `sv-se` for `sv_SE`."""
    return language.strip().lower().replace("_", "-")


def main_language(language: str) -> str:
    return plain_tag(language).partition("-")[0]


def find_language(language: str, known: Iterable[str]) -> str:
    """The one of `known` for this language: itself, without its country, or of another country.

    Raises `InvalidInput` naming those there are.
    """
    by_tag = {plain_tag(each): each for each in known}
    tag = plain_tag(language)
    while tag:
        if tag in by_tag:
            return by_tag[tag]
        tag = tag.rpartition("-")[0]
    main = main_language(language)
    for each in (main, *ALIASES.get(main, ())):
        for relative in (
            each,
            PREFERRED.get(each, f"{each}-{each}"),
            *(tag for tag in by_tag if main_language(tag) == each),
        ):
            if relative in by_tag:
                return by_tag[relative]
    there_are = ", ".join(sorted(by_tag.values())) or "none"
    reason = Worded('no voice speaks "{language}"; there are: {others}', language=language, others=there_are)
    raise InvalidInput(reason, where="language", example="sv")


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
