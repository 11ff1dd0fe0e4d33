"""Phone numbers of a contact, as they were and as they shall be."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from gdial.contacts.model import ListedNumber
from gdial.storage.contacts import PhoneNumber


def renew_numbers(stored: Sequence[PhoneNumber], listed: Sequence[ListedNumber]) -> tuple[PhoneNumber, ...]:
    """The listed numbers in their order, priorities counted from 1. A number that stays keeps its id, and what the
    carrier said about it."""
    known = {number.number: number for number in stored}
    return tuple(_renew(known.get(number.number), number, priority) for priority, number in enumerate(listed, start=1))


def _renew(known: PhoneNumber | None, listed: ListedNumber, priority: int) -> PhoneNumber:
    if known is None:
        return PhoneNumber(uuid4(), listed.number, listed.label, priority)
    return PhoneNumber(known.id, known.number, listed.label, priority, known.bad_since, known.bad_code)
