"""Rows of the first sheet of an XLSX workbook that has something in it (ISO/IEC 29500, SpreadsheetML).

Formulas are never run, and what a program last computed from one is never taken for what a person wrote.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from gdial.contacts.limits import MAX_CELL_CHARACTERS
from gdial.contacts.rows import Row, is_blank
from gdial.contacts.sheet_cells import SheetCells, unescape
from gdial.contacts.workbook import ElementHandlers, Workbook, refusing_damage
from gdial.errors import InvalidContactList

MAX_SHARED_STRINGS = 1_000_000
MAX_SHARED_CHARACTERS = 20_000_000
MAX_LISTED_PARTS = 1_000

_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Built-in number formats that show dates or times (ISO/IEC 29500-1, 18.8.30)."""

_NO_DATE_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The rows of the sheet that was chosen, and the names of the visible sheets that were not."""

    sheet: str
    other_sheets: tuple[str, ...]
    rows: Iterator[Row]


@dataclass(slots=True)
class _Parts:
    """Where the parts of a workbook stand in its archive."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    shared_strings: str = ""
    styles: str = ""


def read_workbook(source: BinaryIO) -> SheetRows:
    """Finds the first visible sheet with something in it; its rows are read as they are asked for.

    Raises InvalidContactList, now or while the rows are read, for a file that is damaged, cut off, locked with a
    password, larger than the limits or no XLSX workbook at all.
    """
    book = Workbook(source)
    with refusing_damage():
        parts = _find_parts(book)
        shared_strings = _read_shared_strings(book, parts.shared_strings) if parts.shared_strings else []
        date_styles = _read_date_styles(book, parts.styles) if parts.styles else frozenset()
    names = [name for name, _ in parts.sheets]
    for place, (name, part) in enumerate(parts.sheets):
        rows = _read_rows(book, part, shared_strings, date_styles)
        first = next(rows, None)
        if first:
            return SheetRows(name, (*names[:place], *names[place + 1 :]), chain([first], rows))
    raise InvalidContactList("the workbook has no visible sheet with anything in it")


def _read_rows(book: Workbook, part: str, shared_strings: list[str], date_styles: frozenset[int]) -> Iterator[Row]:
    cells = SheetCells(shared_strings, date_styles)
    with refusing_damage():
        for _ in book.parse(part, ElementHandlers(cells.start, cells.end, cells.text)):
            while cells.rows:
                row = cells.rows.popleft()
                if not is_blank(row):
                    yield row


def _find_parts(book: Workbook) -> _Parts:
    targets = _read_relations(book, "")
    main = next((target for kind, target in targets.values() if kind == "officeDocument"), "xl/workbook.xml")
    if main not in book:
        raise InvalidContactList("this zip archive is no XLSX workbook; save the list as XLSX or CSV")
    if main.endswith(".bin"):
        raise InvalidContactList("this is a binary workbook (.xlsb); save it as XLSX or CSV")
    relations = _read_relations(book, main)
    by_kind = {kind: target for kind, target in relations.values() if target in book}
    parts = _Parts(shared_strings=by_kind.get("sharedStrings", ""), styles=by_kind.get("styles", ""))

    def start(name: str, attributes: dict[str, str]) -> None:
        if name != "sheet" or attributes.get("state", "visible") != "visible":
            return
        reference = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        kind, target = relations.get(reference, ("", ""))
        if kind == "worksheet" and target in book and len(parts.sheets) < MAX_LISTED_PARTS:
            parts.sheets.append((attributes.get("name", ""), target))

    _parse_whole(book, main, ElementHandlers(start))
    return parts


def _read_relations(book: Workbook, part: str) -> dict[str, tuple[str, str]]:
    """Kind and place in the archive of each part that a part names, by the name it uses for it."""
    folder, file_name = posixpath.split(part)
    relations: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and len(relations) < MAX_LISTED_PARTS:
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            relations[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)

    listing = posixpath.join(folder, "_rels", file_name + ".rels")
    if listing in book:
        _parse_whole(book, listing, ElementHandlers(start))
    return relations


def _read_shared_strings(book: Workbook, part: str) -> list[str]:
    strings: list[str] = []
    pieces: list[str] = []
    characters = 0
    listening = in_phonetic = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal listening, in_phonetic
        listening = name == "t" and not in_phonetic
        in_phonetic = in_phonetic or name == "rPh"

    def text(data: str) -> None:
        nonlocal characters
        if listening:
            characters += len(data)
            pieces.append(data)
            if characters > MAX_SHARED_CHARACTERS:
                raise _too_much_text()

    def end(name: str) -> None:
        nonlocal listening, in_phonetic
        listening = False
        in_phonetic = in_phonetic and name != "rPh"
        if name == "si":
            strings.append(_checked("".join(pieces)))
            pieces.clear()
        if len(strings) > MAX_SHARED_STRINGS:
            raise _too_much_text()

    _parse_whole(book, part, ElementHandlers(start, end, text))
    return strings


def _too_much_text() -> InvalidContactList:
    return InvalidContactList("the workbook holds far more text than a contact list; save the list by itself")


def _checked(text: str) -> str:
    if len(text) > MAX_CELL_CHARACTERS:
        raise InvalidContactList(f"a cell of the workbook is longer than {MAX_CELL_CHARACTERS:,} characters")
    return unescape(text)


def _read_date_styles(book: Workbook, part: str) -> frozenset[int]:
    """The numbers of the cell styles that show a numeric value as a date or a time."""
    date_formats, styles = set(_DATE_FORMATS), list[int]()
    in_cell_styles = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal in_cell_styles
        if name == "cellXfs":
            in_cell_styles = True
        elif name == "xf" and in_cell_styles:
            styles.append(int(attributes.get("numFmtId", "0")))
        elif name == "numFmt" and _DATE_LETTERS.search(_NO_DATE_LETTERS.sub("", attributes.get("formatCode", ""))):
            date_formats.add(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        nonlocal in_cell_styles
        in_cell_styles = in_cell_styles and name != "cellXfs"

    _parse_whole(book, part, ElementHandlers(start, end))
    return frozenset(index for index, number_format in enumerate(styles) if number_format in date_formats)


def _parse_whole(book: Workbook, part: str, handlers: ElementHandlers) -> None:
    for _ in book.parse(part, handlers):
        pass
