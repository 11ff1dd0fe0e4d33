"""What the carrier has told us of a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from gdial.dialing.model import NumberToRing
from gdial.storage.batches import in_batches, one_of
from gdial.storage.database import Transaction
from gdial.storage.tables import phone_numbers


async def mark_bad(tx: Transaction, number: str, code: str, now: datetime) -> None:
    """Remember that this number cannot be rung, whosever it is; later runs leave it out until it is changed."""
    await tx.execute(update(phone_numbers).where(phone_numbers.c.number == number).values(bad_since=now, bad_code=code))


async def is_bad(tx: Transaction, number: NumberToRing) -> bool:
    """Whether the carrier has said so since it was looked at; of a number that somebody has, that one counts."""
    own = phone_numbers.c.id == number.phone_number_id
    chosen = own if number.phone_number_id is not None else phone_numbers.c.number == number.number
    query = select(phone_numbers.c.id).where(chosen, phone_numbers.c.number == number.number)
    return (await tx.execute(query.where(phone_numbers.c.bad_since.is_not(None)).limit(1))).first() is not None


async def bad_among(tx: Transaction, numbers: Sequence[str]) -> set[str]:
    """Those of these numbers that somebody has and that the carrier has said this of."""
    found: set[str] = set()
    for batch in in_batches(numbers):
        query = select(phone_numbers.c.number).where(one_of(tx, phone_numbers.c.number, batch))
        found.update((await tx.execute(query.where(phone_numbers.c.bad_since.is_not(None)))).scalars())
    return found


async def trust_again(tx: Transaction, number: str) -> int:
    """Forget that it cannot be rung, whosever it is; how many had the mark."""
    marked = (phone_numbers.c.number == number) & phone_numbers.c.bad_since.is_not(None)
    return (await tx.execute(update(phone_numbers).where(marked).values(bad_since=None, bad_code=""))).rowcount
