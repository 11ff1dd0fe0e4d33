"""An organisation's own words: how its places and people are said, before the language's table is asked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gdial.speech.wording import read_aloud

FIRST_PLACE = 0xE000
"""From here on Unicode leaves places to private use; `clean_text` takes them out of what people write."""
PLACES = 6_400

GENITIVES = {"sv": ":s|s", "en": "'s|’s"}


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """`written` in texts of this language, or of one of its kinds (`sv` for `sv-FI` too), is said as `spoken`."""

    language: str
    written: str
    spoken: str


class Lexicon:
    """Entries of all languages. Two with the same entries are equal, and are told apart fast."""

    __slots__ = ("_by_language", "_digest", "_patterns")

    def __init__(self, entries: Iterable[LexiconEntry] = ()) -> None:
        by_language: dict[str, dict[str, str]] = {}
        for entry in sorted(entries, key=lambda it: (it.language, it.written)):
            words = by_language.setdefault(_tag(entry.language), {})
            words |= dict.fromkeys(_forms(entry.written) - words.keys(), entry.spoken)
            words[entry.written] = entry.spoken
        self._by_language = by_language
        self._digest = hashlib.sha256(json.dumps(by_language, sort_keys=True).encode()).digest()
        self._patterns: dict[str, tuple[re.Pattern[str], Mapping[str, str]] | None] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lexicon) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def words_of(self, language: str) -> tuple[re.Pattern[str], Mapping[str, str]] | None:
        """A pattern of all that is written, and what is said for each; None without any."""
        tag = _tag(language)
        if tag not in self._patterns:
            primary = tag.partition("-")[0]
            words = self._by_language.get(primary, {}) | self._by_language.get(tag, {})
            self._patterns[tag] = (_pattern(words, GENITIVES.get(primary, "")), words) if words else None
        return self._patterns[tag]


class LexiconSource(Protocol):
    """Where the organisation's lexicon is kept. Raises a `TemporaryError` while that is away."""

    async def read(self, known: str) -> tuple[str, Sequence[tuple[str, str, str]]] | None:
        """Its edition with all of its entries (language, written, spoken); None while `known` is its edition."""
        ...


NO_LEXICON = Lexicon()


def read_with_lexicon(text: str, language: str, lexicon: Lexicon) -> str:
    """`text` as it is read aloud; what the lexicon says stands, and is not read again."""
    found = lexicon.words_of(language)
    if found is None:
        return read_aloud(text, language)
    pattern, words = found
    said: list[str] = []

    def hold_place(match: re.Match[str]) -> str:
        if len(said) == PLACES:
            return match[0]
        said.append(words[match["written"]] + ("s" if match["genitive"] else ""))
        return chr(FIRST_PLACE + len(said) - 1)

    held = read_aloud(pattern.sub(hold_place, text), language)
    return "".join(said[place] if 0 <= (place := ord(sign) - FIRST_PLACE) < len(said) else sign for sign in held)


def _forms(written: str) -> set[str]:
    """As it is entered, at the beginning of a sentence, and in capitals."""
    return {written, written[:1].upper() + written[1:], written.upper()}


def _pattern(words: Mapping[str, str], genitives: str) -> re.Pattern[str]:
    written = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?P<written>{written})(?P<genitive>{genitives or '(?!)'})?(?!\w)")


def _tag(language: str) -> str:
    return language.strip().replace("_", "-").lower()
