"""What a contact list holds once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

PhoneLabel = Literal["mobile", "home", "work", "other"]


@dataclass(frozen=True, slots=True)
class ListedNumber:
    """One phone number in E.164, and which phone it is."""

    number: str
    label: PhoneLabel


@dataclass(frozen=True, slots=True)
class ListedContact:
    """A person on a contact list, with at least one phone number; the first number is rung first.

    `line` is where the person's first row begins (a sheet's row number in a workbook). `language` is a lower-case
    BCP 47 primary code. Nothing is said about whether the contact is stored already, see `contact_key`.
    """

    line: int
    external_id: str | None
    name: str
    language: str | None
    groups: tuple[str, ...]
    phone_numbers: tuple[ListedNumber, ...]
    notes: str = ""


class RowErrorJson(TypedDict):
    """A row error as the API answers it."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowError:
    """One cell, or one row, that could not be used. `column` is the heading, "" when it is about the whole row."""

    line: int
    column: str
    value: str
    reason: str

    def to_json(self) -> RowErrorJson:
        return {"line": self.line, "column": self.column, "value": self.value, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class ContactList:
    """A contact list that was read to its end.

    The ledger balances: `rows` = contacts + `rows_merged` + `rows_refused`. A row error is not always a refused row:
    a bad number beside a good one is reported, and the contact kept. `errors` are in the order of the lines; beyond
    100,000 they are only counted in `errors_left_out`. `notes` are sentences for the person who imports.
    """

    contacts: tuple[ListedContact, ...]
    errors: tuple[RowError, ...]
    notes: tuple[str, ...] = ()
    rows: int = 0
    rows_merged: int = 0
    rows_refused: int = 0
    errors_left_out: int = 0


def contact_key(external_id: str | None, name: str, first_number: str) -> str:
    """What a person is known by from one import to the next.

    The external id when there is one, else the name, in any case and spacing, with the first phone number (E.164).
    """
    if external_id:
        return f"id:{external_id}"
    return f"name:{' '.join(name.split()).casefold()}:{first_number}"
