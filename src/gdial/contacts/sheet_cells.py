"""Cells of an XLSX sheet: the XML of its rows turned into text, numeric values, and what must not be used."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Sequence

from gdial.contacts.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS
from gdial.contacts.rows import Cell, NumericCell, Row, UnreadableCell
from gdial.errors import InvalidContactList

MAX_SHEET_ROWS = 1_048_576
MOST_EXACT_DIGITS = 15
"""A spreadsheet keeps 15 digits of a number and puts zeros for the rest."""

FORMULA = UnreadableCell("(formula)", "the cell holds a formula; copy the column and paste it as values only")

_DIGITS = "0123456789"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SheetCells:
    """Collects a sheet's rows from its XML elements. `rows` holds those that are complete; the reader empties it."""

    def __init__(self, shared_strings: Sequence[str], date_styles: Collection[int]) -> None:
        self.rows: deque[Row] = deque()
        self._shared_strings = shared_strings
        self._date_styles = date_styles
        self._column_by_letters: dict[str, int] = {}
        self._line = 0
        self._cells: list[Cell] | None = None
        self._column = -1
        self._attributes: dict[str, str] = {}
        self._pieces: list[str] = []
        self._characters = 0
        self._listening = self._has_formula = self._in_phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._column = self._column_of(attributes.get("r", ""))
            self._attributes, self._pieces, self._characters = attributes, [], 0
            self._has_formula = False
        elif name in ("v", "t"):
            self._listening = not self._in_phonetic
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._begin_row(attributes.get("r", ""))
        elif name == "rPh":
            self._in_phonetic = True

    def text(self, data: str) -> None:
        if self._listening:
            self._characters += len(data)
            if self._characters > MAX_CELL_CHARACTERS:
                raise InvalidContactList(
                    f"a cell is longer than {MAX_CELL_CHARACTERS:,} characters", where=f"line {self._line}"
                )
            self._pieces.append(data)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._listening = False
        elif name == "c":
            self._put(self._read_cell())
        elif name == "row" and self._cells is not None:
            if self._cells:
                self.rows.append(Row(self._line, self._cells))
            self._cells = None
        elif name == "rPh":
            self._in_phonetic = False

    def _begin_row(self, number: str) -> None:
        self._line = int(number) if number else self._line + 1
        if not 1 <= self._line <= MAX_SHEET_ROWS:
            raise InvalidContactList(f"the workbook is damaged: there is no row {self._line}")
        self._cells, self._column = [], -1

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip(_DIGITS)
        if not letters:
            return self._column + 1
        if letters not in self._column_by_letters:
            self._column_by_letters[letters] = column_index(letters)
        return self._column_by_letters[letters]

    def _put(self, cell: Cell) -> None:
        if self._cells is None or cell == "":
            return
        if self._column >= MAX_COLUMNS:
            raise InvalidContactList(
                f"there is something in column {self._column + 1:,}; a contact list has at most {MAX_COLUMNS} columns",
                where=f"line {self._line}",
            )
        self._cells.extend([""] * (self._column + 1 - len(self._cells)))
        self._cells[self._column] = cell

    def _read_cell(self) -> Cell:
        if self._has_formula:
            return FORMULA
        text = "".join(self._pieces)
        kind = self._attributes.get("t", "n")
        if not text:
            return ""
        if kind == "s":
            return self._shared_string(int(text))
        if kind in ("inlineStr", "str"):
            return unescape(text)
        if kind == "n" and int(self._attributes.get("s", "0")) not in self._date_styles:
            return read_number(text)
        return UnreadableCell(text, _REASONS.get(kind, _REASONS["d"]))

    def _shared_string(self, index: int) -> str:
        if not 0 <= index < len(self._shared_strings):
            raise ValueError(f"there is no shared text {index}")
        return self._shared_strings[index]


_REASONS = {
    "b": "the cell holds TRUE or FALSE, not text",
    "e": "the cell holds an error; correct its formula, then paste the values only",
    "d": "the cell holds a date, not text; format the column as text and type it again",
}


def read_number(text: str) -> Cell:
    """The digits of a numeric value: `701234567`, `46701234567.0` and `7.01234567E8` are whole numbers."""
    if len(text) <= MOST_EXACT_DIGITS and text.isdecimal():
        return NumericCell(text)
    value = float(text)
    if not abs(value) < 10**MOST_EXACT_DIGITS:
        return UnreadableCell(text, "the spreadsheet has rounded this number; format the column as text, type it again")
    return NumericCell(str(int(value)) if value.is_integer() else text)


def unescape(text: str) -> str:
    """Takes away `_x000D_`, how a workbook writes a sign that XML cannot hold."""
    return _ESCAPED.sub(_sign_of, text) if "_x" in text else text


def _sign_of(escaped: re.Match[str]) -> str:
    code = int(escaped[1], 16)
    return escaped[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def column_index(letters: str) -> int:
    """0 for A, 26 for AA. Raises ValueError for what names no column of a sheet."""
    index = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or len(letters) > 3:
            raise ValueError(f"there is no column {letters[:10]}")
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
