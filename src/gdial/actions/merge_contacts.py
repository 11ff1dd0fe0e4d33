"""Make one contact of several that are the same person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog

from gdial.contacts.limits import MAX_NOTES_CHARACTERS, MAX_NOTES_LINES, MAX_PHONE_NUMBERS
from gdial.errors import Conflict, InvalidInput
from gdial.runtime import Runtime
from gdial.storage import contact_changes, contact_merge
from gdial.storage.contact_changes import Change
from gdial.storage.contacts import Contact, GroupName, PhoneNumber

log = structlog.get_logger(__name__)


async def merge_contacts(
    rt: Runtime, keep_id: UUID, merge_ids: Sequence[UUID], external_id: str | None = None
) -> Contact:
    """The kept contact, with the numbers (its own first), groups, notes and call history of all of them.

    Name, and language where it has one, are those of the kept contact. `external_id` chooses one of theirs. Raises
    NotFound; InvalidInput; Conflict when they have different external ids and none is chosen, while one of them is
    being rung, and while a run that two of them are in still has one of them to ring.
    """
    others = list(dict.fromkeys(merge_ids))
    if not others:
        raise InvalidInput("must name at least one contact", where="merge_ids")
    if keep_id in others:
        raise InvalidInput("must not hold the contact that is kept", where="merge_ids")
    async with rt.database.transaction() as tx:
        people = await contact_merge.lock(tx, [keep_id, *others])
        united = _unite(people, external_id)
        await contact_merge.require_nobody_is_rung_twice(tx, [keep_id, *others])
        await contact_merge.move_history(tx, keep_id, others, _same_numbers(people, united))
        await contact_merge.remove(tx, others)
        united = replace(united, updated_at=rt.clock())
        await contact_changes.change(tx, [Change(people[0], united)])
    log.info("contacts merged", contact=str(keep_id), merged=len(others))
    return united


def _unite(people: Sequence[Contact], external_id: str | None) -> Contact:
    kept = people[0]
    return replace(
        kept,
        external_id=_unite_external_ids(people, external_id),
        language=next((person.language for person in people if person.language), None),
        notes=_unite_notes(people),
        phone_numbers=_unite_numbers(people),
        groups=_unite_groups(people),
    )


def _unite_external_ids(people: Sequence[Contact], chosen: str | None) -> str | None:
    theirs = list(dict.fromkeys(person.external_id for person in people if person.external_id))
    told = ", ".join(map(repr, theirs)) or "none"
    if chosen is not None and chosen not in theirs:
        raise InvalidInput(f"is not an external id of one of them; they have {told}", where="external_id")
    if chosen is None and len(theirs) > 1:
        raise Conflict(f"they have different external ids ({told}); choose the one to keep with external_id")
    return chosen if chosen is not None else next(iter(theirs), None)


def _unite_numbers(people: Sequence[Contact]) -> tuple[PhoneNumber, ...]:
    """The first of each number, with its id; the kept contact's own come first."""
    by_number: dict[str, PhoneNumber] = {}
    for number in (number for person in people for number in person.phone_numbers):
        by_number.setdefault(number.number, number)
    if len(by_number) > MAX_PHONE_NUMBERS:
        raise Conflict(
            f"together they have {len(by_number)} phone numbers; a contact has at most {MAX_PHONE_NUMBERS}: "
            "remove some first"
        )
    return tuple(replace(number, priority=place) for place, number in enumerate(by_number.values(), start=1))


def _unite_notes(people: Sequence[Contact]) -> str:
    notes = "\n".join(dict.fromkeys(person.notes for person in people if person.notes))
    if len(notes) > MAX_NOTES_CHARACTERS or notes.count("\n") >= MAX_NOTES_LINES:
        raise Conflict(
            f"together their notes have {len(notes):,} characters in {notes.count(chr(10)) + 1} lines; at most "
            f"{MAX_NOTES_CHARACTERS:,} in {MAX_NOTES_LINES} are kept: shorten them first"
        )
    return notes


def _unite_groups(people: Sequence[Contact]) -> tuple[GroupName, ...]:
    by_id = {group.id: group for person in people for group in person.groups}
    return tuple(sorted(by_id.values(), key=lambda group: group.name))


def _same_numbers(people: Sequence[Contact], united: Contact) -> dict[UUID, UUID]:
    """Ids of numbers that go, to that of the same number which stays."""
    stays = {number.number: number.id for number in united.phone_numbers}
    numbers = (number for person in people for number in person.phone_numbers)
    return {number.id: stays[number.number] for number in numbers if number.id != stays[number.number]}
