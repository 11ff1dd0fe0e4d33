"""Writes an XLSX workbook as it goes, sheet after sheet (ISO/IEC 29500, SpreadsheetML): memory does not grow.

Every text is an inline string in a cell of type text: nothing in it is ever a formula, a date or a number.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO
from xml.sax.saxutils import escape

COMPRESSION_LEVEL = 3
"""Half the time of the default, and a tenth larger."""

FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip archive can tell: nothing in the file depends on when it was written."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_SHEET_BEGINS = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_SHEET_ENDS = "</sheetData></worksheet>"


class WorkbookWriter:
    """The first row of a sheet stays in sight. `rows`, `next_sheet` and `end` return what has come to be of the file
    since."""

    def __init__(self, *sheets: str) -> None:
        """The names of the sheets: at most 31 characters, none of `[]:*?/\\`. Writing begins with the first."""
        self._out = _Outlet()
        self._archive = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL)
        for name, content in _parts(sheets).items():
            self._archive.writestr(_part(name), _XML + content)
        self._number = 1
        self._sheet = self._open_sheet()

    def rows(self, rows: Iterable[Sequence[str | int]]) -> bytes:
        self._sheet.write("".join(map(_row, rows)).encode())
        return self._out.take()

    def next_sheet(self) -> bytes:
        """What follows is on the next of the sheets; each must have its turn."""
        self._close_sheet()
        self._number += 1
        self._sheet = self._open_sheet()
        return self._out.take()

    def end(self) -> bytes:
        self._close_sheet()
        self._archive.close()
        return self._out.take()

    def _open_sheet(self) -> IO[bytes]:
        sheet = self._archive.open(_part(f"xl/worksheets/sheet{self._number}.xml"), "w")
        sheet.write(_SHEET_BEGINS.encode())
        return sheet

    def _close_sheet(self) -> None:
        self._sheet.write(_SHEET_ENDS.encode())
        self._sheet.close()


def _parts(sheets: Sequence[str]) -> dict[str, str]:
    """What a workbook has beside its sheets."""
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for number in numbers
    )
    targets = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    names = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(sheets, start=1)
    )
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>{overrides}</Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{targets}</Relationships>',
        "xl/workbook.xml": (f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>'),
    }


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name, FIRST_MOMENT)
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _row(values: Sequence[str | int]) -> str:
    return f"<row>{''.join(map(_cell, values))}</row>"


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    if not value:
        return "<c/>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_NOT_IN_XML.sub(_escaped, value))}</t></is></c>'


def _escaped(sign: re.Match[str]) -> str:
    """`_x000D_`: how a workbook writes a sign that XML cannot hold."""
    return f"_x{ord(sign[0]):04X}_"


class _Outlet(io.RawIOBase):
    """Where the archive is written: it cannot be read or gone back in, only emptied."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        content = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(content)
        return len(content)

    def take(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content
