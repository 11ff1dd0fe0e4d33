"""One person once: the rows of a list that are about the same person become one contact."""

from __future__ import annotations

from dataclasses import replace

from gdial.contacts.group_cells import unite_groups
from gdial.contacts.limits import MAX_GROUPS, MAX_PHONE_NUMBERS, MAX_REPORTED_VALUE_CHARACTERS
from gdial.contacts.model import ListedContact, ListedNumber, RowError, contact_key
from gdial.errors import Worded


class ContactMerger:
    """Takes contacts row by row and keeps each person once.

    Two rows are the same person when they have the same external id and name, or the same name and first number
    without two different ids: an import of both would ring that person twice. Groups and numbers are united, in the
    order they come; of language and notes the first that says something stands. Two people may share a number.
    """

    def __init__(self) -> None:
        self.contacts: list[ListedContact] = []
        self.rows_merged = 0
        self.rows_refused = 0
        self.shared_numbers: set[str] = set()
        self.first_merged_lines: tuple[int, int] | None = None
        self.first_shared_lines: tuple[int, int] | None = None
        self._place_by_key: dict[str, int] = {}
        self._place_by_number: dict[str, int] = {}

    def add(self, contact: ListedContact) -> RowError | None:
        """Keeps or merges a contact; the error tells what of the row, or that the whole row, is left out."""
        place = self._find(contact)
        if place is None:
            self.contacts.append(contact)
            self._remember(contact, len(self.contacts) - 1)
            return None
        known = self.contacts[place]
        if _plain(known.name) != _plain(contact.name):
            self.rows_refused += 1
            reason = Worded(
                "the id stands on line {line} already, with another name ({name}); the row is left out",
                line=known.line,
                name=known.name,
            )
            return RowError(contact.line, "", contact.external_id or "", reason)
        self.contacts[place] = merged = _unite(known, contact)
        self._remember(merged, place)
        self.rows_merged += 1
        self.first_merged_lines = self.first_merged_lines or (contact.line, known.line)
        return _report_surplus(known, contact, merged)

    def _find(self, contact: ListedContact) -> int | None:
        if contact.external_id:
            place = self._place_by_key.get(contact_key(contact.external_id, "", ""))
            if place is not None:
                return place
        place = self._place_by_key.get(_name_key(contact))
        if place is None or not contact.external_id or self.contacts[place].external_id is None:
            return place
        return None

    def _remember(self, contact: ListedContact, place: int) -> None:
        self._place_by_key.setdefault(_name_key(contact), place)
        if contact.external_id:
            self._place_by_key.setdefault(contact_key(contact.external_id, "", ""), place)
        for phone in contact.phone_numbers:
            other = self._place_by_number.setdefault(phone.number, place)
            if other != place:
                self.shared_numbers.add(phone.number)
                self.first_shared_lines = self.first_shared_lines or (contact.line, self.contacts[other].line)


def _name_key(contact: ListedContact) -> str:
    return contact_key(None, contact.name, contact.phone_numbers[0].number)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _unite(known: ListedContact, again: ListedContact) -> ListedContact:
    numbers: dict[str, ListedNumber] = {}
    for phone in (*known.phone_numbers, *again.phone_numbers):
        numbers.setdefault(phone.number, phone)
    return replace(
        known,
        external_id=known.external_id or again.external_id,
        language=known.language or again.language,
        groups=unite_groups([*known.groups, *again.groups])[:MAX_GROUPS],
        phone_numbers=tuple(numbers.values())[:MAX_PHONE_NUMBERS],
        notes=known.notes or again.notes,
    )


def _report_surplus(known: ListedContact, again: ListedContact, merged: ListedContact) -> RowError | None:
    wanted = {phone.number for phone in (*known.phone_numbers, *again.phone_numbers)}
    lost = wanted.difference(phone.number for phone in merged.phone_numbers)
    lost.update(unite_groups([*known.groups, *again.groups])[MAX_GROUPS:])
    if not lost:
        return None
    reason = Worded(
        "together with line {line}, the same person, there are more than {numbers} phone numbers "
        "or {groups} groups; the rest is left out",
        line=known.line,
        numbers=MAX_PHONE_NUMBERS,
        groups=MAX_GROUPS,
    )
    return RowError(again.line, "", ", ".join(sorted(lost))[:MAX_REPORTED_VALUE_CHARACTERS], reason)
