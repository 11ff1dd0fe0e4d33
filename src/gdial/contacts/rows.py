"""A row of a contact list, whatever file it stands in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from gdial.contacts.exporting import unguard_formula


class NumericCell(str):
    """A cell the spreadsheet keeps as a numeric value, so that a leading 0 or + has been lost."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """A cell that has something in it which must not be taken for text, such as a formula."""

    value: str
    reason: str


Cell = str | UnreadableCell


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is the physical line where the row begins, or the sheet's row number. `cells` are as the file has them."""

    line: int
    cells: Sequence[Cell]


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]+")
INVISIBLE_SIGNS = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean_text(text: str) -> str:
    """A cell's text in one line, without what an export put before a formula."""
    return _in_one_line(unguard_formula(text))


def clean_lines(text: str) -> str:
    """A cell's text with its line breaks, each line cleaned; blank lines at the beginning and the end are gone."""
    return "\n".join(_in_one_line(line) for line in unguard_formula(text).splitlines()).strip()


def _in_one_line(text: str) -> str:
    """One space between words, no invisible signs, accents composed (NFC)."""
    if not text.isascii():
        text = INVISIBLE_SIGNS.sub("", unicodedata.normalize("NFC", text))
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    return " ".join(text.split())


def is_blank(row: Row) -> bool:
    return not any(isinstance(cell, UnreadableCell) or cell.strip() for cell in row.cells)
