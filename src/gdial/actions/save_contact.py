"""Take in one contact from a person or a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict
from uuid import UUID, uuid4

from gdial.actions.contact_numbers import renew_numbers
from gdial.contacts.headings import phone_label_of
from gdial.contacts.languages import read_language
from gdial.contacts.limits import (
    MAX_EXTERNAL_ID_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_NOTES_CHARACTERS,
    MAX_NOTES_LINES,
    MAX_PHONE_NUMBERS,
)
from gdial.contacts.model import ListedNumber, PhoneLabel
from gdial.contacts.numbers import parse_phone_number
from gdial.contacts.rows import clean_lines, clean_text
from gdial.errors import InvalidInput, InvalidPhoneNumber
from gdial.runtime import Runtime
from gdial.storage import contact_changes, contact_removal, contacts, groups
from gdial.storage.contact_changes import Change
from gdial.storage.contacts import Contact, GroupName, PhoneNumber
from gdial.storage.database import Transaction

NAME_EXAMPLE = "Karin Öst"
NUMBERS_EXAMPLE = '[{"number": "070-123 45 67", "label": "mobile"}]'


@dataclass(frozen=True, slots=True)
class GivenNumber:
    """A number as it was written. Without `priority` the order of the list counts; 1 is rung first."""

    number: str
    label: str = "other"
    priority: int | None = None


class GivenContact(TypedDict, total=False):
    """What was given of a contact; a field that is not there stays as it is."""

    name: str
    external_id: str | None
    language: str | None
    notes: str
    phone_numbers: Sequence[GivenNumber]
    group_ids: Sequence[UUID]


async def create_contact(rt: Runtime, given: GivenContact) -> Contact:
    """Raises InvalidInput with the field's path; Conflict when the external id is taken."""
    now = rt.clock()
    blank = Contact(uuid4(), None, "", None, "", (), (), now, now)
    async with rt.database.transaction() as tx:
        contact = await _put_over(tx, rt, blank, {"name": "", "phone_numbers": (), **given})
        await contact_changes.insert(tx, [contact])
        return contact


async def change_contact(rt: Runtime, contact_id: UUID, given: GivenContact) -> Contact:
    """A number that stays keeps its id; giving the numbers by hand clears what the carrier said of them.

    Raises NotFound; InvalidInput with the field's path; Conflict when the external id is taken.
    """
    async with rt.database.transaction() as tx:
        before = await contacts.get(tx, contact_id, lock=True)
        after = await _put_over(tx, rt, before, given)
        if after != before:
            after = replace(after, updated_at=rt.clock())
            await contact_changes.change(tx, [Change(before, after)])
        return after


async def remove_contact(rt: Runtime, contact_id: UUID) -> None:
    """What was dialled stays in the reports, without name and number.

    Raises NotFound; Conflict, naming the run, while this person is being rung or waits to be.
    """
    async with rt.database.transaction() as tx:
        await contact_removal.remove(tx, contact_id)


async def _put_over(tx: Transaction, rt: Runtime, contact: Contact, given: GivenContact) -> Contact:
    fields: dict[str, Any] = {}
    if "name" in given:
        fields["name"] = _read_name(given["name"])
    if "external_id" in given:
        fields["external_id"] = _read_external_id(given["external_id"])
    if "language" in given:
        fields["language"] = _read_language(given["language"])
    if "notes" in given:
        fields["notes"] = _read_notes(given["notes"])
    if "phone_numbers" in given:
        listed = _read_numbers(given["phone_numbers"], rt.settings.default_region)
        fields["phone_numbers"] = _trusted(renew_numbers(contact.phone_numbers, listed))
    if "group_ids" in given:
        fields["groups"] = await _read_groups(tx, given["group_ids"])
    return replace(contact, **fields)


def _read_name(text: str) -> str:
    name = clean_text(text)
    if not name:
        raise InvalidInput("must not be empty", where="name", example=NAME_EXAMPLE)
    if not any(sign.isalpha() for sign in name):
        raise InvalidInput("has no letter in it", where="name", example=NAME_EXAMPLE)
    return _bounded(name, "name", MAX_NAME_CHARACTERS)


def _read_notes(text: str) -> str:
    notes = clean_lines(text)
    lines = notes.count("\n") + 1
    if lines > MAX_NOTES_LINES:
        raise InvalidInput(f"has {lines:,} lines; at most {MAX_NOTES_LINES} are allowed", where="notes")
    return _bounded(notes, "notes", MAX_NOTES_CHARACTERS)


def _read_external_id(text: str | None) -> str | None:
    return _bounded(clean_text(text or ""), "external_id", MAX_EXTERNAL_ID_CHARACTERS) or None


def _read_language(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    language = read_language(text)
    if language is None:
        raise InvalidInput(f"{text[:40]!r} is not a language code", where="language", example="sv")
    return language


def _read_numbers(given: Sequence[GivenNumber], region: str) -> list[ListedNumber]:
    if not given:
        raise InvalidInput("must hold at least one number", where="phone_numbers", example=NUMBERS_EXAMPLE)
    if len(given) > MAX_PHONE_NUMBERS:
        raise InvalidInput(f"must hold at most {MAX_PHONE_NUMBERS} numbers", where="phone_numbers")
    places: dict[str, int] = {}
    listed: list[tuple[int, int, ListedNumber]] = []
    for index, number in enumerate(given):
        where = f"phone_numbers[{index}]"
        parsed = ListedNumber(_read_number(number.number, region, where), _read_label(number.label, where))
        if parsed.number in places:
            again = f"is the same number as phone_numbers[{places[parsed.number]}]"
            raise InvalidInput(again, where=f"{where}.number")
        places[parsed.number] = index
        listed.append((number.priority or index + 1, index, parsed))
    return [number for _, _, number in sorted(listed, key=lambda entry: entry[:2])]


def _read_number(text: str, region: str, where: str) -> str:
    try:
        return parse_phone_number(text, region)
    except InvalidPhoneNumber as error:
        raise InvalidPhoneNumber(error.reason, where=f"{where}.number", example=error.example) from error


def _read_label(text: str, where: str) -> PhoneLabel:
    if text.strip().casefold() == "other":
        return "other"
    label = phone_label_of(text)
    if label is None:
        raise InvalidInput("is not one of mobile, home, work, other", where=f"{where}.label", example="mobile")
    return label


def _trusted(numbers: Sequence[PhoneNumber]) -> tuple[PhoneNumber, ...]:
    return tuple(replace(number, bad_since=None, bad_code="") for number in numbers)


async def _read_groups(tx: Transaction, group_ids: Sequence[UUID]) -> tuple[GroupName, ...]:
    found: Mapping[UUID, str] = await groups.names(tx, group_ids)
    for index, group_id in enumerate(group_ids):
        if group_id not in found:
            raise InvalidInput(f"there is no group with id {group_id}", where=f"group_ids[{index}]")
    named = [GroupName(group_id, found[group_id]) for group_id in dict.fromkeys(group_ids)]
    return tuple(sorted(named, key=lambda group: group.name))


def _bounded(text: str, where: str, most: int) -> str:
    if len(text) > most:
        raise InvalidInput(f"is {len(text):,} characters long; at most {most:,} are allowed", where=where)
    return text
