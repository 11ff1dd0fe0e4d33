"""What the carrier has told us of a number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from gdial.storage.database import Transaction
from gdial.storage.tables import phone_numbers


async def mark_bad(tx: Transaction, number: str, code: str, now: datetime) -> None:
    """Remember that this number cannot be rung, whosever it is; later runs leave it out until it is changed."""
    await tx.execute(update(phone_numbers).where(phone_numbers.c.number == number).values(bad_since=now, bad_code=code))
