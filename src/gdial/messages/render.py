"""Contact fields in a message's text: `{name}`, `{first_name}`, `{group}`; `{{` and `}}` are braces.

`{recording:welcome}` is no field: in its place a recording is played.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gdial.errors import InvalidInput, Worded

FIELD_NAMES = ("name", "first_name", "group")
RECORDING = "recording:"
RECORDING_EXAMPLE = "{recording:welcome}"
RECORDING_NAME = re.compile(r"[^\W_][\w .-]{0,59}")

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")
_TITLE = re.compile(r"(?:dr|doktor|prof|professor|herr|fru|fröken|mr|mrs|ms|miss)\.?", re.IGNORECASE)
_BESIDE_NAME = re.compile(r"\([^)]*\)|[\"“”„«»]")


def check_fields(text: str) -> None:
    """Raises InvalidInput for a field there is not, and for a brace that stands alone."""
    fields_in(text)


def fields_in(text: str) -> frozenset[str]:
    """The names of the contact fields a text holds."""
    pieces = [piece for piece in _PIECE.finditer(text) if piece[0] not in ("{{", "}}")]
    return frozenset(name for piece in pieces if (name := _field_name(piece)) and not name.startswith(RECORDING))


def recordings_in(text: str) -> list[str]:
    """The names of the recordings that are played in a text, in order, each as often as it is."""
    return [found.recording for found in cut_at_recordings(text) if found.recording]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text without a recording, or the name of one."""

    text: str = ""
    recording: str = ""


def cut_at_recordings(text: str) -> Iterator[Stretch]:
    """Raises InvalidInput for a field there is not."""
    begin = 0
    for piece in _PIECE.finditer(text):
        if piece[0] in ("{{", "}}") or not (name := _field_name(piece)).startswith(RECORDING):
            continue
        yield Stretch(text[begin : piece.start()])
        yield Stretch(recording=name.removeprefix(RECORDING))
        begin = piece.end()
    yield Stretch(text[begin:])


def render(text: str, fields: Mapping[str, str]) -> str:
    """The text with each field's value in its place, and one space between words, as it is to be spoken.

    Raises InvalidInput for an unknown field, or one that `fields` says nothing about.
    """

    def value(piece: re.Match[str]) -> str:
        if piece[0] in ("{{", "}}"):
            return piece[0][0]
        name = _field_name(piece)
        if name.startswith(RECORDING):
            return ""
        if name not in fields:
            raise InvalidInput(Worded("there is no value for the field {{{name}}}", name=name), where="text")
        return fields[name]

    return " ".join(_PIECE.sub(value, text).split())


def contact_fields(name: str, groups: Sequence[str] = ()) -> dict[str, str]:
    """The value of every field for one contact; `{group}` is the first group, "" without any."""
    return {"name": name, "first_name": first_name(name), "group": groups[0] if groups else ""}


def first_name(name: str) -> str:
    """What to call a person by: Karin for "Karin Öst", "Öst, Karin" and "Dr. Karin Öst"; Karl-Erik stays whole.

    A name in the order "Öst Karin" without a comma cannot be told from the other order.
    """
    before, _, after = (part.split() for part in _BESIDE_NAME.sub(" ", name).partition(","))
    title_follows = len(before) > 1 and after and after[0][0].islower()
    words = before if title_follows or not after else after
    named = [word.strip(",") for word in words if not _TITLE.fullmatch(word) and word.strip(",")]
    return named[0] if named else " ".join(words)


def _field_name(piece: re.Match[str]) -> str:
    if piece[1] is None:
        raise InvalidInput(
            Worded(
                "there is a lone {brace} at place {place}; write {twice} for a brace",
                brace=piece[0],
                place=piece.start() + 1,
                twice=piece[0] * 2,
            ),
            where="text",
            example="{first_name}",
        )
    name = piece[1].strip()
    if name.startswith(RECORDING):
        return RECORDING + _recording_name(name.removeprefix(RECORDING).strip())
    if name not in FIELD_NAMES:
        there_are = ", ".join([*(f"{{{known}}}" for known in FIELD_NAMES), RECORDING_EXAMPLE])
        raise InvalidInput(
            Worded("there is no field {{{name}}}; there are {fields}", name=name[:40], fields=there_are), where="text"
        )
    return name


def _recording_name(name: str) -> str:
    if not RECORDING_NAME.fullmatch(name):
        raise InvalidInput(
            Worded("{name!r} is no name of a recording", name=name[:60]), where="text", example=RECORDING_EXAMPLE
        )
    return name
