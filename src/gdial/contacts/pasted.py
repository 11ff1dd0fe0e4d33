"""Names and numbers that somebody pasted: one person a line, in whatever order and with whatever between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from gdial.contacts.columns import count_known_headings
from gdial.contacts.limits import MAX_NAME_CHARACTERS, MAX_PHONE_NUMBERS
from gdial.contacts.model import ContactList, ListedContact, ListedNumber, RowError
from gdial.contacts.numbers import parse_phone_number
from gdial.contacts.reading import read_contact_list
from gdial.contacts.rows import Row, clean_text
from gdial.errors import InvalidContactList, InvalidPhoneNumber, Worded

MAX_PASTED_CHARACTERS = 500_000
MAX_PASTED_LINES = 10_000
PASTED_EXAMPLE = "Karin Öst, 070-123 45 67"

_BETWEEN = re.compile(r"[\t;,|]")
_NUMBER_AT_END = re.compile(r"(?P<before>.*?)[\s:]*(?P<number>[+(]?\d[\d\s()+./\u00a0\u2010-\u2015-]{4,29})\s*")
_LIKE_NUMBER = re.compile(r"[+('\d][\d\s()+./\u00a0\u2010-\u2015-]{4,30}")


@dataclass(frozen=True, slots=True)
class _Cells:
    names: list[str]
    numbers: list[str]


def read_pasted_list(text: str, region: str) -> ContactList:
    """The people of a pasted text, with an error for each line that cannot be used.

    A line holds a name and one or more numbers, in any order, with comma, semicolon, tab, bar or a space between name
    and number; a line with numbers alone is a person who is called by the first of them. A text whose first line has
    headings is read as a contact list. Raises InvalidContactList for a text that is too long or holds nobody at all.
    """
    if len(text) > MAX_PASTED_CHARACTERS or text.count("\n") > MAX_PASTED_LINES:
        raise InvalidContactList(
            Worded("a pasted list has at most {most:,} lines; import a longer one as a file", most=MAX_PASTED_LINES)
        )
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise InvalidContactList("there is nothing in the list", example=PASTED_EXAMPLE)
    if len(lines) > 1 and _has_headings(lines[0][1]):
        return read_contact_list(BytesIO(text.encode()), region=region)
    return _read_lines(lines, region)


def _has_headings(line: str) -> bool:
    return count_known_headings(Row(1, _BETWEEN.split(line))) > 0 and not any(sign.isdigit() for sign in line)


def _read_lines(lines: list[tuple[int, str]], region: str) -> ContactList:
    people: dict[tuple[str, str], ListedContact] = {}
    errors: list[RowError] = []
    merged = refused = 0
    for number, line in lines:
        person, wrong = _read_line(number, line, region)
        errors += wrong
        if person is None:
            refused += 1
            continue
        key = (person.name.casefold(), person.phone_numbers[0].number)
        merged += key in people
        people.setdefault(key, person)
    return ContactList(tuple(people.values()), tuple(errors), (), len(lines), merged, refused)


def _read_line(line: int, text: str, region: str) -> tuple[ListedContact | None, list[RowError]]:
    cells = _split(text)
    errors: list[RowError] = []
    numbers: dict[str, ListedNumber] = {}
    for written in cells.numbers[:MAX_PHONE_NUMBERS]:
        try:
            number = parse_phone_number(written, region)
            numbers.setdefault(number, ListedNumber(number, "other"))
        except InvalidPhoneNumber as error:
            reason = Worded("{reason} (a right one: {example})", reason=error.reason, example=error.example)
            errors.append(RowError(line, "", written[:100], reason))
    name = clean_text(" ".join(cells.names))[:MAX_NAME_CHARACTERS] or next(iter(numbers), "")
    if not cells.numbers:
        reason = Worded("there is no phone number in the line; a right one: {example}", example=PASTED_EXAMPLE)
        return None, [RowError(line, "", clean_text(text)[:100], reason)]
    if not numbers:
        return None, errors
    return ListedContact(line, None, name, None, (), tuple(numbers.values())), errors


def _split(text: str) -> _Cells:
    """Its names and what is written like a number, each in the order of the line."""
    cells = _Cells([], [])
    for piece in _pieces(text):
        (cells.numbers if _LIKE_NUMBER.fullmatch(piece) else cells.names).append(piece)
    return cells


def _pieces(text: str) -> Iterator[str]:
    for cell in _BETWEEN.split(text):
        piece = cell.strip().strip('"').removeprefix("tel:").strip()
        found = _NUMBER_AT_END.fullmatch(piece)
        if found and found["before"].strip():
            yield from (found["before"].strip(" :"), found["number"].strip())
        elif piece:
            yield piece
