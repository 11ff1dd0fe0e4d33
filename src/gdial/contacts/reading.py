"""Reading a contact list: a CSV text or an XLSX workbook, with errors by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO

from gdial.contacts.columns import Columns, columns_from_headings, count_known_headings
from gdial.contacts.decoding import check_kind, detect_encoding, open_text
from gdial.contacts.delimited import SAMPLE_ROWS, choose_delimiter, delimiter_line, read_lines, read_rows
from gdial.contacts.limits import MAX_REPORTED_ERRORS, MAX_ROWS, MAX_UPLOAD_BYTES
from gdial.contacts.merging import ContactMerger
from gdial.contacts.model import ContactList, RowError
from gdial.contacts.numbers import check_region
from gdial.contacts.plain_lists import columns_without_headings
from gdial.contacts.row_reading import RowReader
from gdial.contacts.rows import Row
from gdial.contacts.xlsx import read_workbook
from gdial.errors import InvalidContactList, Worded

SAMPLE_LINES = 200
_ZIP_SIGN = b"PK"


def read_contact_list(source: BinaryIO, *, region: str) -> ContactList:
    """Read a whole list. `source` is a seekable binary file, read from its beginning and left open.

    What kind of file it is tells the content, never the name. `region` (`SE`) is the country of phone numbers
    written without a country code. Raises InvalidContactList, with the line where there is one, for a file that
    cannot be read as a list at all; single rows that cannot be used are in `errors`. Memory grows with the contacts
    and errors kept, not with the file.
    """
    region = check_region(region)
    size = source.seek(0, 2)
    source.seek(0)
    if size > MAX_UPLOAD_BYTES:
        raise InvalidContactList(
            Worded("the file is larger than {most} MB; split the list", most=MAX_UPLOAD_BYTES // 1024 // 1024)
        )
    start = source.read(1024)
    source.seek(0)
    if not start:
        raise InvalidContactList("the file is empty")
    if start.startswith(_ZIP_SIGN):
        return _read_xlsx(source, region)
    check_kind(start)
    return _read_text(source, region)


@dataclass(slots=True)
class _Reading:
    """What is kept while a list is read."""

    notes: list[str]
    errors: list[RowError] = field(default_factory=list)
    errors_left_out: int = 0
    rows: int = 0
    rows_unreadable: int = 0
    merger: ContactMerger = field(default_factory=ContactMerger)

    def report(self, error: RowError) -> None:
        if len(self.errors) < MAX_REPORTED_ERRORS:
            self.errors.append(error)
        else:
            self.errors_left_out += 1


def _read_xlsx(source: BinaryIO, region: str) -> ContactList:
    sheet = read_workbook(source)
    notes = []
    if sheet.other_sheets:
        others = ", ".join(sheet.other_sheets)
        notes.append(f"The sheet {sheet.sheet!r} was read; these were not: {others[:300]}.")
    return _read_contacts(sheet.rows, region, _Reading(notes), shifts_cells=False)


def _read_text(source: BinaryIO, region: str) -> ContactList:
    encoding = detect_encoding(source)
    notes = ["The text was read as Windows-1252, because it is not UTF-8."] if encoding == "cp1252" else []
    text = open_text(source, encoding)
    try:
        lines = read_lines(text)
        first = next(lines, "")
        delimiter = delimiter_line(first)
        if delimiter:
            return _read_contacts(read_rows(lines, delimiter, 2), region, _Reading(notes), shifts_cells=True)
        sample = [first, *islice(lines, SAMPLE_LINES)]
        rows = read_rows(chain(sample, lines), choose_delimiter(sample))
        return _read_contacts(rows, region, _Reading(notes), shifts_cells=True)
    finally:
        text.detach()


def _read_contacts(rows: Iterator[Row], region: str, reading: _Reading, *, shifts_cells: bool) -> ContactList:
    sample = list(islice(rows, SAMPLE_ROWS))
    if not sample:
        raise InvalidContactList("there is nothing in the list")
    columns = columns_from_headings(sample[0]) if count_known_headings(sample[0]) else None
    columns = columns or columns_without_headings(sample, region)
    reader = RowReader(columns, region, shifts_cells=shifts_cells)
    for row in chain(sample[1:] if columns.has_heading_row else sample, rows):
        reading.rows += 1
        if reading.rows > MAX_ROWS:
            raise InvalidContactList(
                Worded("the list has more than {most:,} rows; split it", most=MAX_ROWS),
                where=Worded("line {number}", number=row.line),
            )
        _read_row(row, reader, reading)
    if not reading.rows:
        raise InvalidContactList("the list has headings, but no row with a contact below them")
    return _result(reading, columns)


def _read_row(row: Row, reader: RowReader, reading: _Reading) -> None:
    contact, errors = reader.read(row)
    if contact is None:
        reading.rows_unreadable += 1
    else:
        contradiction = reading.merger.add(contact)
        errors = [*errors, contradiction] if contradiction else errors
    for error in errors:
        reading.report(error)


def _result(reading: _Reading, columns: Columns) -> ContactList:
    merger = reading.merger
    return ContactList(
        contacts=tuple(merger.contacts),
        errors=tuple(reading.errors),
        notes=(*reading.notes, *_column_notes(columns), *_merging_notes(merger)),
        rows=reading.rows,
        rows_merged=merger.rows_merged,
        rows_refused=reading.rows_unreadable + merger.rows_refused,
        errors_left_out=reading.errors_left_out,
    )


def _column_notes(columns: Columns) -> Iterator[str]:
    if not columns.has_heading_row:
        name = columns.heading(columns.fields["name"])
        phones = ", ".join(phone.heading for phone in columns.phones)
        yield f"The list has no headings: {name} was read as the name, {phones} as the phone number."
    if columns.unread:
        yield f"Columns that were not read: {', '.join(columns.unread)[:300]}."


def _merging_notes(merger: ContactMerger) -> Iterator[str]:
    if merger.first_merged_lines:
        line, earlier = merger.first_merged_lines
        yield f"Rows about a person already on the list: {merger.rows_merged} (first: line {line}, as line {earlier})."
    if merger.first_shared_lines:
        line, earlier = merger.first_shared_lines
        count = len(merger.shared_numbers)
        yield f"Phone numbers that several people share: {count} (first: line {line}, as line {earlier}); each is kept."
