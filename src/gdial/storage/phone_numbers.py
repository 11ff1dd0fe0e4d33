"""What the carrier has told us of a number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from gdial.dialing.model import NumberToRing
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


async def trust_again(tx: Transaction, number: str) -> int:
    """Forget that it cannot be rung, whosever it is; how many had the mark."""
    marked = (phone_numbers.c.number == number) & phone_numbers.c.bad_since.is_not(None)
    return (await tx.execute(update(phone_numbers).where(marked).values(bad_since=None, bad_code=""))).rowcount
