"""Contact lists made for the tests: texts in any encoding, and workbooks written by another program's library."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import openpyxl  # type: ignore[import-untyped]

from gdial.contacts.model import ContactList
from gdial.contacts.reading import read_contact_list

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def read_text(text: str | bytes, encoding: str = "utf-8", region: str = "SE") -> ContactList:
    return read_contact_list(io.BytesIO(text if isinstance(text, bytes) else text.encode(encoding)), region=region)


def read_bytes(data: bytes, region: str = "SE") -> ContactList:
    return read_contact_list(io.BytesIO(data), region=region)


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()) -> bytes:
    """An XLSX file written by openpyxl; a text that begins with `=` becomes a formula."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def raw_workbook(sheet: str | bytes, *, shared: str = "", compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An XLSX file with one sheet, of which the test writes the XML itself."""
    strings = f'<Relationship Id="r2" Type="{RELATIONS}/sharedStrings" Target="/xl/strings.xml"/>' if shared else ""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        archive.writestr(
            "_rels/.rels", _relations(f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/book.xml"/>')
        )
        archive.writestr(
            "xl/book.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
            '<sheets><sheet name="Lista" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/book.xml.rels",
            _relations(f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="one.xml"/>{strings}'),
        )
        archive.writestr("xl/one.xml", sheet)
        if shared:
            archive.writestr("xl/strings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
    return stream.getvalue()


def sheet_xml(rows: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _relations(entries: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{entries}</Relationships>'


def numbers_of(read: ContactList) -> list[list[str]]:
    return [[phone.number for phone in contact.phone_numbers] for contact in read.contacts]
