"""A text on its way to an engine: checked, cleaned, and worded as a person would read it aloud."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

from gdial.errors import InvalidInput
from gdial.speech.base import SpeechRequest
from gdial.speech.wording import read_aloud

LONGEST_TEXT = 5_000
SPEEDS = (0.5, 2.0)
PITCHES = (-10.0, 10.0)

# Persian and several Indian scripts write these between letters; every other format character is invisible.
JOINERS = "\u200c\u200d"


@lru_cache(maxsize=512)
def spoken_text(request: SpeechRequest) -> str:
    """The words an engine is to say for `request`. Every engine says these and nothing else.

    Raises `InvalidInput` for a text that is too long or has nothing to say, and for a speed or pitch out of bounds.
    Does not promise that the engine knows the language.
    """
    _check_bounds("speed", request.speed, SPEEDS, "1.0")
    _check_bounds("pitch", request.pitch, PITCHES, "0")
    if len(request.text) > LONGEST_TEXT:
        reason = f"the text has {len(request.text):,} characters; at most {LONGEST_TEXT:,} can be spoken"
        raise InvalidInput(reason, where="text")
    text = clean_text(request.text)
    if not any(character.isalnum() for character in text):
        raise InvalidInput(
            "the text has no letter or digit to speak", where="text", example="School is closed today. Press 1."
        )
    return read_aloud(text, request.language)


def clean_text(text: str) -> str:
    """`text` without what no voice can say: control characters, invisible characters, broken Unicode.

    Digits of other scripts become 0-9; an empty line ends a sentence; other white space is one space.
    """
    text = "".join(map(_clean_character, unicodedata.normalize("NFC", text)))
    text = re.sub(r"(\w)[ \t]*\n[ \t]*\n\s*", r"\1. ", text)
    return re.sub(r"\s+", " ", text).strip()


def _clean_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if character in "\n\t" or character in JOINERS:
        return character
    return "" if category in ("Cc", "Cf", "Cs") else character


def _check_bounds(where: str, value: float, bounds: tuple[float, float], example: str) -> None:
    lowest, highest = bounds
    if not (math.isfinite(value) and lowest <= value <= highest):
        raise InvalidInput(f"{value:g} is not between {lowest:g} and {highest:g}", where=where, example=example)
