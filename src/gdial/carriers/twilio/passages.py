"""Cutting a long text into passages where a listener would pause."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

_SENTENCE_ENDS: Final = re.compile(r"(?<=[.!?…])(?=\s)|(?<=\n)(?=.)")
_WORD_STARTS: Final = re.compile(r"(?<=\s)(?=\S)")
_CUTS: Final[Sequence[Callable[[str], list[str]]]] = (_SENTENCE_ENDS.split, _WORD_STARTS.split, list)


def split_text(text: str, size: Callable[[str], int], limit: int) -> list[str]:
    """Passages of at most `limit`, which together are the text again.

    Cut between sentences; inside one only when it is too long alone, then between words, then between letters.
    `size` must be additive: the size of two texts together is the sum of theirs.
    """
    return _split(text, size, limit, _CUTS)


def _split(text: str, size: Callable[[str], int], limit: int, cuts: Sequence[Callable[[str], list[str]]]) -> list[str]:
    if size(text) <= limit or not cuts:
        return [text]
    passages: list[str] = []
    current: list[str] = []
    filled = 0
    for unit in cuts[0](text):
        needed = size(unit)
        if filled + needed > limit:
            passages.append("".join(current))
            *whole, rest = _split(unit, size, limit, cuts[1:])
            passages += whole
            current, filled = [rest], size(rest)
        else:
            current.append(unit)
            filled += needed
    return [passage for passage in [*passages, "".join(current)] if passage]
