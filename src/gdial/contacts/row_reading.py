"""One row of a list turned into a contact, with an error for everything in it that cannot be used."""

from __future__ import annotations

from gdial.contacts.columns import Columns
from gdial.contacts.group_cells import GroupCells, unite_groups
from gdial.contacts.languages import read_language
from gdial.contacts.limits import (
    MAX_EXTERNAL_ID_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_NOTES_CHARACTERS,
    MAX_NOTES_LINES,
    MAX_PHONE_NUMBERS,
    MAX_REPORTED_VALUE_CHARACTERS,
)
from gdial.contacts.model import ListedContact, ListedNumber, RowError
from gdial.contacts.number_faults import MISSING
from gdial.contacts.numbers import parse_number_cell, parse_phone_number
from gdial.contacts.rows import Cell, NumericCell, Row, UnreadableCell, clean_lines, clean_text
from gdial.errors import InvalidPhoneNumber, Worded

KEPT = Worded("the contact is kept without it")
LEFT_OUT = Worded("the row is left out")

_NO_NUMBER_SIGNS = "-–—"
_LINE_BREAKS = ("\n", "\r")


class RowReader:
    """Reads the rows of one list, whose columns are known."""

    def __init__(self, columns: Columns, region: str, *, shifts_cells: bool) -> None:
        """`shifts_cells`: the file has its cells one after the other, so that one too many has moved the others."""
        self._columns = columns
        self._region = region
        self._shifts_cells = shifts_cells
        self._groups = GroupCells()
        self._errors: list[RowError] = []

    def read(self, row: Row) -> tuple[ListedContact | None, list[RowError]]:
        """The contact, None when the row is left out, and what could not be used."""
        errors: list[RowError] = []
        self._errors = errors
        if self._shifts_cells and self._is_too_wide(row):
            return None, errors
        name = self._read_name(row)
        numbers = self._read_numbers(row, has_name=bool(name))
        if not name or not numbers:
            return None, errors
        return (
            ListedContact(
                line=row.line,
                external_id=self._read_external_id(row),
                name=name,
                language=self._read_language(row),
                groups=self._read_groups(row),
                phone_numbers=numbers,
                notes=self._read_notes(row),
            ),
            errors,
        )

    def _is_too_wide(self, row: Row) -> bool:
        width = len(self._columns.headings)
        surplus = [cell for cell in row.cells[width:] if isinstance(cell, str) and cell.strip()]
        if surplus:
            reason = Worded(
                "the row has more cells than the {width} columns of the list, so its cells may be shifted; "
                'put a cell that holds a separator in quotes ("")',
                width=width,
            )
            self._report(row, "", surplus[0], reason, LEFT_OUT)
        return bool(surplus)

    def _read_name(self, row: Row) -> str:
        fields = self._columns.fields
        whole = [fields["name"]] if "name" in fields else []
        parts = [fields[part] for part in ("first_name", "last_name") if part in fields]
        index = (whole or parts)[0]
        heading = self._columns.heading(index)
        before = len(self._errors)
        name = " ".join(filter(None, (self._read_name_cell(row, at) for at in whole)))
        name = name or " ".join(filter(None, (self._read_name_cell(row, at) for at in parts)))
        if len(self._errors) > before:
            return ""
        if not name:
            self._report(row, heading, "", Worded("the name is missing"), LEFT_OUT)
        elif not any(sign.isalpha() for sign in name):
            self._report(row, heading, name, Worded("there is no letter in the name"), LEFT_OUT)
        elif len(name) > MAX_NAME_CHARACTERS:
            reason = Worded("the name is longer than {most} characters", most=MAX_NAME_CHARACTERS)
            self._report(row, heading, name, reason, LEFT_OUT)
        else:
            return name
        return ""

    def _read_name_cell(self, row: Row, index: int) -> str:
        cell = self._cell(row, index)
        heading = self._columns.heading(index)
        if isinstance(cell, UnreadableCell):
            self._report(row, heading, cell.value, cell.reason, LEFT_OUT)
            return ""
        if any(sign in cell.strip() for sign in _LINE_BREAKS):
            reason = Worded('there is a line break in the name; is a quote (") missing?')
            self._report(row, heading, cell, reason, LEFT_OUT)
            return ""
        return clean_text(cell)

    def _read_numbers(self, row: Row, *, has_name: bool) -> tuple[ListedNumber, ...]:
        good: dict[str, ListedNumber] = {}
        bad: list[tuple[str, str, str]] = []
        for phone in self._columns.phones:
            cell = self._cell(row, phone.index)
            if isinstance(cell, UnreadableCell):
                bad.append((phone.heading, cell.value, cell.reason))
            elif cell.strip().strip(_NO_NUMBER_SIGNS):
                try:
                    number = self._parse(cell)
                    good.setdefault(number, ListedNumber(number, phone.label))
                except InvalidPhoneNumber as error:
                    fault = Worded("{reason} (example: {example})", reason=error.reason, example=error.example)
                    bad.append((phone.heading, cell, fault))
        if not good and not bad:
            bad.append((self._columns.phones[0].heading, "", MISSING))
        for heading, value, reason in bad:
            self._report(row, heading, value, reason, KEPT if good and has_name else LEFT_OUT)
        return self._first_numbers(row, tuple(good.values()))

    def _first_numbers(self, row: Row, numbers: tuple[ListedNumber, ...]) -> tuple[ListedNumber, ...]:
        for surplus in numbers[MAX_PHONE_NUMBERS:]:
            reason = Worded("a contact has at most {most} phone numbers", most=MAX_PHONE_NUMBERS)
            self._report(row, "", surplus.number, reason, KEPT)
        return numbers[:MAX_PHONE_NUMBERS]

    def _parse(self, cell: str) -> str:
        parse = parse_number_cell if isinstance(cell, NumericCell) else parse_phone_number
        return parse(cell, self._region)

    def _read_external_id(self, row: Row) -> str | None:
        index = self._columns.fields.get("external_id")
        if index is None:
            return None
        external_id = clean_text(self._read_text(row, index))
        if len(external_id) > MAX_EXTERNAL_ID_CHARACTERS:
            reason = Worded("the id is longer than {most} characters", most=MAX_EXTERNAL_ID_CHARACTERS)
            self._report(row, self._columns.heading(index), external_id, reason, KEPT)
            return None
        return external_id or None

    def _read_language(self, row: Row) -> str | None:
        index = self._columns.fields.get("language")
        text = clean_text(self._read_text(row, index)) if index is not None else ""
        language = read_language(text) if text else None
        if text and index is not None and language is None:
            reason = Worded("this language is not known; write a code such as sv or en, or its name")
            self._report(row, self._columns.heading(index), text, reason, KEPT)
        return language

    def _read_groups(self, row: Row) -> tuple[str, ...]:
        read = []
        for index in self._columns.groups:
            text = self._read_text(row, index)
            groups, fault = self._groups.read(text)
            if fault:
                self._report(row, self._columns.heading(index), text, fault, KEPT)
            read.append(groups)
        return read[0] if len(read) == 1 else unite_groups([name for groups in read for name in groups])

    def _read_notes(self, row: Row) -> str:
        notes = "\n".join(filter(None, (clean_lines(self._read_text(row, index)) for index in self._columns.notes)))
        if len(notes) > MAX_NOTES_CHARACTERS:
            reason = Worded("the notes are longer than {most} characters", most=MAX_NOTES_CHARACTERS)
            self._report(row, self._columns.heading(self._columns.notes[0]), notes, reason, KEPT)
            return ""
        if notes.count("\n") >= MAX_NOTES_LINES:
            reason = Worded("the notes have more than {most} lines", most=MAX_NOTES_LINES)
            self._report(row, self._columns.heading(self._columns.notes[0]), notes, reason, KEPT)
            return ""
        return notes

    def _read_text(self, row: Row, index: int) -> str:
        cell = self._cell(row, index)
        if isinstance(cell, UnreadableCell):
            self._report(row, self._columns.heading(index), cell.value, cell.reason, KEPT)
            return ""
        return cell

    def _cell(self, row: Row, index: int) -> Cell:
        return row.cells[index] if index < len(row.cells) else ""

    def _report(self, row: Row, column: str, value: str, reason: str, outcome: str) -> None:
        shown = value.strip()
        if len(shown) > MAX_REPORTED_VALUE_CHARACTERS:
            shown = shown[:MAX_REPORTED_VALUE_CHARACTERS] + "…"
        told = Worded("{reason}; {outcome}", reason=reason, outcome=outcome)
        self._errors.append(RowError(row.line, column, shown, told))
