"""Whom a wish names: contacts and groups, a pasted list, those whom another run did not reach."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from gdial.contacts.model import ContactList, ListedContact, RowError
from gdial.contacts.pasted import read_pasted_list
from gdial.errors import InvalidContactList, InvalidInput, NobodyToRing, Worded
from gdial.runtime import Records
from gdial.storage import contacts, phone_numbers, unreached
from gdial.storage.contacts import NumberOfPerson, PersonToRing, match_key
from gdial.storage.database import Transaction
from gdial.storage.unreached import Unreached

if TYPE_CHECKING:
    from gdial.actions.prepare_run import RunWish

MOST_ERRORS_TOLD = 20


async def read_list_of(rt: Records, wish: RunWish) -> tuple[RunWish, ContactList | None]:
    """The wish with the people of its pasted list, and what was read. Raises InvalidContactList for a list that cannot
    be read at all."""
    if not wish.pasted_list.strip():
        return wish, None
    region = rt.settings.default_region
    try:
        listed = await asyncio.to_thread(read_pasted_list, wish.pasted_list, region)
    except InvalidContactList as error:
        where = Worded("{field}, {place}", field="pasted_list", place=error.where) if error.where else "pasted_list"
        raise InvalidContactList(error.reason, where=where, example=error.example) from None
    return replace(wish, listed=listed.contacts), listed


def require_good_lines(wish: RunWish, listed: ContactList | None) -> None:
    """Nobody is left out by a slip of the pen unless it is wished for. Raises InvalidInput naming the lines."""
    if listed is None or not listed.errors or wish.leaves_out_bad_lines:
        return
    told: list[str] = [_line_told(error) for error in listed.errors[:MOST_ERRORS_TOLD]]
    more = len(listed.errors) - MOST_ERRORS_TOLD
    if more > 0:
        told.append(Worded("and {count} more", count=more))
    raise InvalidInput(
        Worded("{lines}. Mend the lines, or have them left out (leave_out_bad_lines)", lines=Worded.listed(told, "; ")),
        where="pasted_list",
    )


def _line_told(error: RowError) -> Worded:
    return Worded("line {number}: {reason}", number=error.line, reason=error.reason)


async def people_of(tx: Transaction, wish: RunWish) -> list[PersonToRing]:
    """Each person once. Who is on the list or in the other run and known as a contact is rung as the register says;
    others are people of this run alone, and gone when it is cleared. Raises NobodyToRing, NotFound, InvalidInput."""
    again = await unreached.people(tx, wish.not_reached_in) if wish.not_reached_in is not None else Unreached()
    listed = [*wish.listed, *again.strangers]
    known = await _known(tx, listed)
    people = await contacts.people_to_ring(
        tx,
        contact_ids=list(dict.fromkeys([*wish.contact_ids, *again.contact_ids, *known.values()])),
        group_ids=wish.group_ids,
        exclude_group_ids=wish.exclude_group_ids,
        only_first=wish.only_first,
    )
    people += await _strangers(tx, [person for person in listed if _key(person) not in known])
    people = people[: wish.only_first]
    if not people:
        raise NobodyToRing("there is nobody to ring: the groups and contacts named hold no one", where="group_ids")
    if wish.phone_id is not None:
        people = [_with_one_number(person, wish.phone_id) for person in people]
    return people


async def _known(tx: Transaction, listed: Sequence[ListedContact]) -> dict[str, UUID]:
    """Contacts by name and first number."""
    if not listed:
        return {}
    keys = {_key(person) for person in listed}
    found = await contacts.find_known(tx, (), keys)
    return {person.match_key: person.id for person in reversed(found) if person.match_key in keys}


async def _strangers(tx: Transaction, listed: Sequence[ListedContact]) -> list[PersonToRing]:
    bad = await phone_numbers.bad_among(tx, [it.number for person in listed for it in person.phone_numbers])
    return [
        PersonToRing(
            contact_id=None,
            name=person.name,
            language=person.language,
            groups=(),
            numbers=tuple(NumberOfPerson(None, it.number, it.number in bad) for it in person.phone_numbers),
        )
        for person in listed
    ]


def _key(person: ListedContact) -> str:
    return match_key(person.name, person.phone_numbers[0].number if person.phone_numbers else "")


def _with_one_number(person: PersonToRing, phone_id: UUID) -> PersonToRing:
    chosen = tuple(number for number in person.numbers if number.phone_number_id == phone_id)
    if not chosen:
        raise InvalidInput("is no number of this contact", where="phone_id")
    return replace(person, numbers=chosen)
