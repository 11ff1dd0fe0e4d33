"""A text on its way to an engine: checked, cleaned, and worded as a person would read it aloud."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from functools import lru_cache

from gdial.errors import InvalidInput, Worded
from gdial.speech.base import SpeechRequest
from gdial.speech.lexicon import read_with_lexicon

LONGEST_TEXT = 5_000
SPEEDS = (0.5, 2.0)
PITCHES = (-10.0, 10.0)

# Persian and several Indian scripts write these between letters; every other format character is invisible.
JOINERS = "\u200c\u200d"
JOINING_SCRIPTS = re.compile("[\u0600-\u0dff]")
# A degree sign is no picture, but Unicode files it with them.
SAID_SYMBOLS = "°"
UNSAID = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
VARIATION_SELECTORS = "\ufe0e\ufe0f"
TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<!--[^<>]{0,500}-->|<[!?][^<>]{0,500}>")
EMPHASIS = re.compile(r"\*\*+|__+|``+|~~+")
BULLET = re.compile(r"(\w)?[ \t]*\n[ \t]*[-*•–][ \t]+")
FIRST_BULLET = re.compile(r"\A\s*[-*•–]\s+")


@lru_cache(maxsize=512)
def spoken_text(request: SpeechRequest) -> str:
    """The words an engine is to say for `request`. Every engine says these and nothing else.

    Raises `InvalidInput` for a text that is too long or has nothing to say, and for a speed or pitch out of bounds.
    Does not promise that the engine knows the language.
    """
    _check_bounds("speed", request.speed, SPEEDS, "1.0")
    _check_bounds("pitch", request.pitch, PITCHES, "0")
    if len(request.text) > LONGEST_TEXT:
        reason = Worded(
            "the text has {length:,} characters; at most {most:,} can be spoken",
            length=len(request.text),
            most=LONGEST_TEXT,
        )
        raise InvalidInput(reason, where="text")
    text = clean_text(request.text)
    if not any(character.isalnum() for character in text):
        raise InvalidInput(
            Worded("the text has no letter or digit to speak"), where="text", example="School is closed today. Press 1."
        )
    return re.sub(" {2,}", " ", read_with_lexicon(text, request.language, request.lexicon)).strip()


def clean_text(text: str) -> str:
    """`text` without what no voice can say: control characters, invisible characters, pictures, markup, broken Unicode.

    A tag of SSML, XML or HTML is left out and its content stays; a voice never obeys one. Digits of other scripts
    become 0-9; an empty line ends a sentence, a line of a list gets its pause; other white space is one space.
    """
    text = EMPHASIS.sub("", html.unescape(TAG.sub(" ", unicodedata.normalize("NFC", text))))
    joiners = JOINERS if JOINING_SCRIPTS.search(text) else ""
    text = "".join(_clean_character(character, joiners) for character in text)
    text = FIRST_BULLET.sub("", BULLET.sub(lambda line: f"{line[1]}, " if line[1] else " ", text))
    text = re.sub(r"(\w)[ \t]*\n[ \t]*\n\s*", r"\1. ", text)
    return re.sub(r"\s+", " ", text).strip()


def _clean_character(character: str, joiners: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if character in "\n\t" or character in joiners or character in SAID_SYMBOLS:
        return character
    if category in ("So", "Sk", "Me"):
        return " "
    return "" if category in UNSAID or character in VARIATION_SELECTORS else character


def _check_bounds(where: str, value: float, bounds: tuple[float, float], example: str) -> None:
    lowest, highest = bounds
    if not (math.isfinite(value) and lowest <= value <= highest):
        raise InvalidInput(f"{value:g} is not between {lowest:g} and {highest:g}", where=where, example=example)
