"""Where in a row each part of a contact stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gdial.contacts.headings import Field, field_of, is_bare_number, phone_label_of
from gdial.contacts.limits import MAX_PHONE_COLUMNS
from gdial.contacts.model import PhoneLabel
from gdial.contacts.rows import Row, UnreadableCell, clean_text
from gdial.errors import InvalidContactList, Worded

EXAMPLE_HEADINGS = "Name;Mobile;Group"


@dataclass(frozen=True, slots=True)
class PhoneColumn:
    index: int
    heading: str
    label: PhoneLabel


@dataclass(frozen=True, slots=True)
class Columns:
    """Indexes into a row's cells, counted from 0.

    `headings` are as written, one for each column of the heading row, or made up ("column 2") for a list without any.
    `phones` are in the order of the columns, which is the order of priority. `unread` are headings nobody knows.
    """

    headings: tuple[str, ...]
    phones: tuple[PhoneColumn, ...]
    fields: dict[Field, int]
    groups: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()
    has_heading_row: bool = True

    def heading(self, index: int) -> str:
        return self.headings[index] if index < len(self.headings) else f"column {index + 1}"


def count_known_headings(row: Row) -> int:
    return sum(1 for text in heading_texts(row) if field_of(text) or phone_label_of(text))


def heading_texts(row: Row) -> list[str]:
    return ["" if isinstance(cell, UnreadableCell) else clean_text(cell) for cell in row.cells]


def columns_from_headings(row: Row) -> Columns:
    """The columns of a list by its heading row. Raises InvalidContactList without names or without phone numbers."""
    texts = heading_texts(row)
    fields: dict[Field, int] = {}
    unread = []
    phones = _phone_columns(texts)
    of_phones = {phone.index for phone in phones}
    several: dict[Field, list[int]] = {"group": [], "notes": []}
    for index, text in enumerate(texts):
        known = field_of(text)
        if known in several:
            several[known].append(index)
        elif known and known not in fields:
            fields[known] = index
        elif text and index not in of_phones:
            unread.append(text)
    _check_complete(fields, phones, texts, row.line)
    return Columns(tuple(texts), phones, fields, tuple(several["group"]), tuple(several["notes"]), tuple(unread))


def _phone_columns(texts: Sequence[str]) -> tuple[PhoneColumn, ...]:
    labelled = [(index, text, phone_label_of(text)) for index, text in enumerate(texts)]
    phones = tuple(PhoneColumn(index, text, label) for index, text, label in labelled if label)
    return phones or tuple(PhoneColumn(index, text, "other") for index, text, _ in labelled if is_bare_number(text))


def _check_complete(fields: dict[Field, int], phones: Sequence[PhoneColumn], texts: Sequence[str], line: int) -> None:
    found = ", ".join(text for text in texts if text)
    if not fields.keys() & {"name", "first_name", "last_name"}:
        fault = Worded(
            "no column of names; its heading is Namn or Name, or Förnamn and Efternamn or First name and Last name"
        )
    elif not phones:
        fault = Worded(
            "no column of phone numbers; its heading is Telefon, Mobil, Hem or Arbete, or Phone, Mobile, Home or Work"
        )
    elif len(phones) > MAX_PHONE_COLUMNS:
        fault = Worded(
            "{count} columns of phone numbers; {most} are read at most", count=len(phones), most=MAX_PHONE_COLUMNS
        )
    else:
        return
    raise InvalidContactList(
        Worded("the list has {fault}. The headings found are: {headings}", fault=fault, headings=found[:300]),
        where=Worded("line {number}", number=line),
        example=EXAMPLE_HEADINGS,
    )
