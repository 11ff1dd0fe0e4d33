"""Rows of a text file: CSV with comma or semicolon, or tab-separated."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import islice

from gdial.contacts.columns import count_known_headings
from gdial.contacts.decoding import NO_TEXT
from gdial.contacts.limits import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    MAX_LINES_IN_ROW,
)
from gdial.contacts.rows import Row, is_blank
from gdial.errors import InvalidContactList, Worded

DELIMITERS = ";\t,"
SAMPLE_ROWS = 20

_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_DELIMITER_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)


def read_lines(text: TextIOWrapper) -> Iterator[str]:
    """The physical lines with their ends. Raises InvalidContactList at what is no text, or no list."""
    number = 0
    try:
        while line := text.readline(MAX_LINE_CHARACTERS + 1):
            number += 1
            if len(line) > MAX_LINE_CHARACTERS:
                raise _refuse(Worded("the line is longer than {most:,} characters", most=MAX_LINE_CHARACTERS), number)
            if number > MAX_LINES:
                raise _refuse(Worded("the file has more than {most:,} lines", most=MAX_LINES), number)
            sign = _NO_TEXT.search(line)
            if sign:
                reason = Worded(
                    "there is a sign that is no text (code {code}); is this a text file?", code=ord(sign[0])
                )
                raise _refuse(reason, number)
            yield line
    except UnicodeError as error:
        raise InvalidContactList(NO_TEXT, where=Worded("after line {number}", number=number)) from error


def read_rows(lines: Iterator[str], delimiter: str, first_line: int = 1) -> Iterator[Row]:
    """The rows that are not blank. Raises InvalidContactList with the line when quotes do not match."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
    while True:
        lines_before = reader.line_num
        begins = first_line + lines_before
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _refuse(_explain(error), begins) from error
        if cells is None:
            return
        if reader.line_num - lines_before > MAX_LINES_IN_ROW:
            reason = Worded(
                'the row goes over more than {most} lines; a quote (") before it, or in it, is probably never closed',
                most=MAX_LINES_IN_ROW,
            )
            raise _refuse(reason, begins)
        row = Row(begins, cells)
        if not is_blank(row):
            _check_size(cells, begins)
            yield row


def choose_delimiter(sample: Sequence[str]) -> str:
    """The delimiter that makes the most known headings; without any, the one that makes the evenest rows."""
    return max(DELIMITERS, key=lambda delimiter: _fitness(sample, delimiter))


def delimiter_line(line: str) -> str:
    """The delimiter that Excel's `sep=;` in the first line of a file names, "" for any other line."""
    named = _DELIMITER_LINE.fullmatch(line)
    return named[1] if named and named[1] in DELIMITERS else ""


def _fitness(sample: Sequence[str], delimiter: str) -> tuple[int, int]:
    reader = csv.reader(iter(sample), delimiter=delimiter, skipinitialspace=delimiter != "\t")
    try:
        rows = list(islice((row for row in (Row(1, cells) for cells in reader) if not is_blank(row)), SAMPLE_ROWS))
    except csv.Error:
        return (0, 0)
    if not rows:
        return (0, 0)
    widths = [len(row.cells) for row in rows]
    even = widths.count(widths[0]) if widths[0] > 1 else 0
    return (count_known_headings(rows[0]) if widths[0] <= MAX_COLUMNS else 0, even)


def _explain(error: csv.Error) -> Worded:
    if "expected after" in str(error):
        return Worded(
            'a cell that begins with a quote (") goes on after the closing quote; write a quote in a cell twice ("")'
        )
    return Worded(
        'a quote (") opened in this row is never closed, or a cell is longer than {most:,} characters',
        most=MAX_CELL_CHARACTERS,
    )


def _check_size(cells: Sequence[str], line: int) -> None:
    if len(cells) > MAX_COLUMNS:
        reason = Worded(
            "the row has {count:,} cells; a contact list has at most {most}", count=len(cells), most=MAX_COLUMNS
        )
        raise _refuse(reason, line)
    if any(len(cell) > MAX_CELL_CHARACTERS for cell in cells):
        reason = Worded(
            'a cell is longer than {most:,} characters; is a quote (") never closed?', most=MAX_CELL_CHARACTERS
        )
        raise _refuse(reason, line)


def _refuse(reason: str, line: int) -> InvalidContactList:
    return InvalidContactList(reason, where=Worded("line {number}", number=line))
