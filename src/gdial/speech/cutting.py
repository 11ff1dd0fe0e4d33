"""A long text in pieces that a voice takes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gdial.messages.parts import split_sentences


def cut_text(text: str, most: int, size: Callable[[str], int] = len) -> Iterator[str]:
    """Pieces of at most `most`, measured by `size`: whole sentences where they fit, else words, else letters."""
    piece = ""
    for bit in _bits(text, most, size):
        joined = f"{piece} {bit}" if piece else bit
        if size(joined) > most:
            yield piece
            joined = bit
        piece = joined
    if piece:
        yield piece


def _bits(text: str, most: int, size: Callable[[str], int]) -> Iterator[str]:
    for sentence in split_sentences(text):
        if size(sentence) <= most:
            yield sentence
            continue
        for word in sentence.split():
            yield from [word] if size(word) <= most else _letters(word, most, size)


def _letters(word: str, most: int, size: Callable[[str], int]) -> Iterator[str]:
    step = max(1, most * len(word) // size(word))
    while word:
        while size(word[:step]) > most and step > 1:
            step -= 1
        yield word[:step]
        word = word[step:]
