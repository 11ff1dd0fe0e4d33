"""Tables that leave GDial as files, row by row: CSV, or a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from gdial.contacts.workbook_writing import WorkbookWriter

TableKind = Literal["csv", "xlsx"]
Value = str | int

MEDIA_TYPES: dict[TableKind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Table(Protocol):
    """Bytes of a file in pieces. `rows` may be called any number of times, `end` once and last."""

    def rows(self, rows: Iterable[Sequence[Value]]) -> bytes: ...

    def next_sheet(self) -> bytes:
        """What follows stands on the next sheet of a workbook, and under an empty line of a CSV."""
        ...

    def end(self) -> bytes: ...


def open_table(kind: TableKind, *sheets: str) -> Table:
    """Text that could be a formula is the caller's to guard (`exporting.guard_formula`)."""
    return CsvTable() if kind == "csv" else WorkbookWriter(*sheets)


class CsvTable:
    """Separated by commas, in UTF-8 with a byte order mark, which spreadsheets know UTF-8 by."""

    def __init__(self) -> None:
        self._begin = "\ufeff"

    def rows(self, rows: Iterable[Sequence[Value]]) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        begin, self._begin = self._begin, ""
        return (begin + text.getvalue()).encode()

    def next_sheet(self) -> bytes:
        return self.rows([()])

    def end(self) -> bytes:
        return self._begin.encode()
