"""A text cut into parts that are spoken once for everyone, and parts that are spoken for each person.

Audio is made for each part: for 10,000 people with 500 first names, a greeting and the rest of the message are
501 pieces of audio, not 10,000.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from gdial.messages.render import Stretch, cut_at_recordings, fields_in, render

_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|\n\s*\n")
_DOTTED = re.compile(r"[^\W\d_]{1,4}(?:\.[^\W\d_]{1,4})+")
_OPENING = "\"'“”„«([{"
_ABBREVIATIONS = frozenset(
    (
        *("adr", "avd", "ang", "anm", "ankn", "ca", "dir", "dvs", "ev", "exkl", "forts", "fr", "inkl", "ing", "jfr"),
        *("kap", "kl", "kr", "lör", "max", "min", "mån", "nr", "nuv", "obs", "ons", "osv", "resp", "sek", "sid", "st"),
        *("sthlm", "sön", "tel", "tfn", "tim", "tis", "tor", "tors", "vard", "dr", "doc", "prof", "mr", "mrs", "ms"),
        *("approx", "apt", "ave", "bldg", "capt", "dept", "etc", "ext", "hr", "hrs", "inc", "incl", "jr", "lt", "ltd"),
        *("no", "rd", "rev", "sgt", "sr", "vol", "vs", "mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "okt", "oct", "nov", "dec"),
    )
)
"""In Swedish and English, without the full stop; those with one inside (t.ex.) are told by their shape."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """One or more sentences, or a recording. `text` is a template with one space between words; `fields` are those it
    holds; `recording` is a name, and the text is then empty."""

    text: str
    fields: frozenset[str]
    recording: str = ""

    @property
    def personal(self) -> bool:
        """Whether this part is spoken for each person; a part that is not is the same for everyone."""
        return bool(self.fields)


def split_parts(text: str) -> tuple[TextPart, ...]:
    """Each recording, and each sentence with a field, is a part of its own; sentences without one are merged with
    their neighbours.

    Where it is not plain that a sentence ends, it does not end there: a part is then longer than it need be, and
    nothing sounds wrong. Raises InvalidInput for an unknown field.
    """
    sentences = [part for stretch in cut_at_recordings(text) for part in _sentences(stretch)]
    parts: list[TextPart] = []
    for alone, run in groupby(sentences, key=lambda part: part.personal or part.recording != ""):
        if alone:
            parts.extend(run)
        else:
            parts.append(TextPart(" ".join(part.text for part in run), frozenset()))
    return tuple(parts)


def _sentences(stretch: Stretch) -> Iterator[TextPart]:
    if stretch.recording:
        yield TextPart("", frozenset(), stretch.recording)
    else:
        yield from (TextPart(sentence, fields_in(sentence)) for sentence in split_sentences(stretch.text))


def render_parts(parts: Sequence[TextPart], fields: Mapping[str, str]) -> tuple[str, ...]:
    """What is spoken for one person, part by part. Joined with spaces it is what `render` makes of the whole text.

    A part with nothing left to say, such as a group nobody is in, is left out, and so are recordings.
    """
    rendered = (render(part.text, fields) for part in parts)
    return tuple(text for text in rendered if text)


def split_sentences(text: str) -> Iterator[str]:
    """The sentences of a text, with one space between words. A blank line ends a sentence too."""
    begin = 0
    for mark in _END.finditer(text):
        sentence = text[begin : mark.end()]
        if sentence.strip() and _ends_sentence(sentence, mark[0], text[mark.end() :]):
            yield " ".join(sentence.split())
            begin = mark.end()
    rest = " ".join(text[begin:].split())
    if rest:
        yield rest


def _ends_sentence(sentence: str, mark: str, after: str) -> bool:
    if "!" in mark or "?" in mark or mark.isspace():
        return True
    if after.lstrip()[:1].islower():
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    words = sentence.strip().removesuffix(mark).split()
    word = words[-1].lstrip(_OPENING) if words else ""
    if word.isdigit() and len(words) == 1:
        return False
    is_initial = len(word) == 1 and word.isalpha()
    return not (is_initial or word.casefold() in _ABBREVIATIONS or _DOTTED.fullmatch(word))
