"""XLSX workbooks: written by another library, and by hand where programs differ."""

from __future__ import annotations

import datetime
import io

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdial.contacts.model import ContactList
from gdial.contacts.rows import NumericCell, UnreadableCell
from gdial.contacts.sheet_cells import column_index, read_number
from gdial.contacts.xlsx import read_workbook
from gdial.errors import InvalidContactList
from tests.unit.contacts.lists import numbers_of, raw_workbook, read_bytes, sheet_xml, workbook

HEADINGS = ["Namn", "Mobil", "Hem", "Grupp", "Språk"]


def read_rows(*rows: list[object]) -> ContactList:
    return read_bytes(workbook(("Lista", [HEADINGS, *rows])))


def test_list_in_a_workbook() -> None:
    read = read_rows(["Åsa Öst", "0701-23 45 67", "08-123456", "Skolan, Jour", "svenska"], [], ["Bo", "+46701234568"])
    assert [(contact.line, contact.name) for contact in read.contacts] == [(2, "Åsa Öst"), (4, "Bo")]
    assert numbers_of(read) == [["+46701234567", "+468123456"], ["+46701234568"]]
    assert read.contacts[0].groups == ("Skolan", "Jour")
    assert read.contacts[0].language == "sv"
    assert read.errors == ()


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (701234567, "+46701234567"),
        (46701234567, "+46701234567"),
        (46701234567.0, "+46701234567"),
        (81234567, "+4681234567"),
    ],
)
def test_numeric_cell_that_lost_its_zero_or_plus(cell: float, number: str) -> None:
    assert numbers_of(read_rows(["Bo", cell])) == [[number]]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (4741234567, "write + before it"),
        (701234567.5, "too long"),
        (12, "too short"),
        (112, "emergency"),
        (4.6701234567e18, "rounded"),
        ("7.01E+08", "rounded"),
        (datetime.date(2026, 1, 2), "date"),
        (True, "TRUE or FALSE"),
        ("=A2", "formula"),
        ("=HYPERLINK(1)", "formula"),
    ],
)
def test_cells_that_are_no_number_are_reported(cell: object, reason: str) -> None:
    read = read_rows(["Bo", cell, "08-123456"])
    assert numbers_of(read) == [["+468123456"]]
    assert (read.errors[0].line, read.errors[0].column) == (2, "Mobil")
    assert reason in read.errors[0].reason


def test_formula_is_never_handed_on() -> None:
    value = "<c r='A2' t='str'><f>CONCAT(\"a\")</f><v>Räknad</v></c><c r='B2'><f>1+1</f><v>701234567</v></c>"
    read = read_bytes(
        raw_workbook(sheet_xml(f"{_row(1, 'Namn', 'Mobil')}<row r='2'>{value}</row>{_row(3, 'Bo', '0701234567')}"))
    )
    assert [contact.name for contact in read.contacts] == ["Bo"]
    assert [(error.line, error.column, error.value) for error in read.errors] == [
        (2, "Namn", "(formula)"),
        (2, "Mobil", "(formula)"),
    ]


def test_dates_and_errors_in_other_columns_are_reported_and_the_row_kept() -> None:
    read = read_rows(["Bo", "0701234567", None, datetime.time(14, 30), "#N/A"])
    assert read.contacts[0].groups == ()
    assert [(error.column, error.reason.split(",")[0]) for error in read.errors] == [
        ("Språk", "the cell holds an error; correct its formula"),
        ("Grupp", "the cell holds a date"),
    ]


def test_first_visible_sheet_with_something_in_it_is_read_and_named() -> None:
    rows = [["Namn", "Mobil"], ["Bo", "0701234567"]]
    other = [["Namn", "Mobil"], ["Eva", "0701234568"]]
    data = workbook(("Dold", other), ("Tom", []), ("Personal", rows), ("Gamla", other), hidden=["Dold"])
    read = read_bytes(data)
    assert [contact.name for contact in read.contacts] == ["Bo"]
    assert read.notes == ("The sheet 'Personal' was read; these were not: Tom, Gamla.",)


def test_workbook_with_nothing_in_it_is_refused() -> None:
    with pytest.raises(InvalidContactList, match="no visible sheet with anything"):
        read_bytes(workbook(("Tom", []), ("Dold", [["Namn", "Mobil"], ["Bo", "0701234567"]]), hidden=["Dold"]))


def test_scribbles_beside_the_table_do_no_harm() -> None:
    read = read_bytes(workbook(("Lista", [["Namn", "Mobil"], ["Bo", "0701234567", None, "ringde igår"]])))
    assert [contact.name for contact in read.contacts] == ["Bo"]


def test_list_without_headings() -> None:
    read = read_bytes(workbook(("Lista", [["Bo", 701234567], ["Eva", 701234568]])))
    assert numbers_of(read) == [["+46701234567"], ["+46701234568"]]


def _row(line: int, *texts: str) -> str:
    cells = "".join(
        f'<c r="{chr(65 + i)}{line}" t="inlineStr"><is><t>{text}</t></is></c>' for i, text in enumerate(texts)
    )
    return f'<row r="{line}">{cells}</row>'


def test_shared_strings_with_formatting_phonetics_and_escapes() -> None:
    shared = (
        "<si><t>Namn</t></si><si><t>Mobil</t></si>"
        "<si><r><t>Åsa</t></r><r><rPr/><t xml:space='preserve'> Öst</t></r><rPh><t>fonetik</t></rPh></si>"
        "<si><t>0701234567_x000D_</t></si>"
    )
    rows = "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row><row><c t='s'><v>2</v></c><c t='s'><v>3</v></c></row>"
    read = read_bytes(raw_workbook(sheet_xml(rows), shared=shared))
    assert [(contact.line, contact.name) for contact in read.contacts] == [(2, "Åsa Öst")]
    assert numbers_of(read) == [["+46701234567"]]


def test_names_with_a_prefix() -> None:
    sheet = sheet_xml(_row(4, "Namn", "Mobil") + _row(9, "Bo", "0701234567"))
    prefixed = sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    assert [contact.line for contact in read_bytes(raw_workbook(prefixed)).contacts] == [9]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("701234567", "701234567"),
        ("7.01234567E8", "701234567"),
        ("46701234567.0", "46701234567"),
        ("1.5", "1.5"),
        ("0", "0"),
        ("-3", "-3"),
    ],
)
def test_numeric_value(text: str, cell: str) -> None:
    assert read_number(text) == NumericCell(cell)


@pytest.mark.parametrize("text", ["1e15", "-1e300", "inf", "nan", "1234567890123456"])
def test_numeric_value_that_is_not_exact(text: str) -> None:
    assert isinstance(read_number(text), UnreadableCell)


def test_column_letters() -> None:
    assert [column_index(letters) for letters in ("A", "Z", "AA", "XFD", "b")] == [0, 25, 26, 16383, 1]
    for letters in ("ABCD", "Å", "-"):
        with pytest.raises(ValueError, match="no column"):
            column_index(letters)


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=12
)
values = st.one_of(st.none(), texts.filter(lambda text: not text.startswith("=")), st.integers(0, 10**14))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(values, max_size=6), min_size=1, max_size=8))
def test_rows_are_those_another_library_reads(table: list[list[object]]) -> None:
    data = workbook(("Lista", table))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Lista"]
    read_there = {
        cells[0].row: ["" if cell.value is None else str(cell.value) for cell in cells] for cells in sheet.rows
    }
    expected = {line: values for line, values in read_there.items() if any(value.strip() for value in values)}
    try:
        rows = list(read_workbook(io.BytesIO(data)).rows)
    except InvalidContactList:
        assert not expected
        return
    width = max(len(values) for values in expected.values())
    assert {row.line: [*row.cells, *[""] * (width - len(row.cells))] for row in rows} == expected
