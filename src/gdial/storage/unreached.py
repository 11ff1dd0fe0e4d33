"""Those whom a run did not reach: to be rung again, or taken care of by people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from gdial.contacts.model import ListedContact, ListedNumber
from gdial.dialing.states import Outcome
from gdial.storage import runs
from gdial.storage.database import Transaction
from gdial.storage.tables import recipients

OUTCOMES = (Outcome.NOT_REACHED, Outcome.STOPPED)


@dataclass(frozen=True, slots=True)
class Unreached:
    """`strangers` are no contacts; they are known to the run alone."""

    contact_ids: tuple[UUID, ...] = ()
    strangers: tuple[ListedContact, ...] = ()


async def people(tx: Transaction, run_id: UUID) -> Unreached:
    """Who ended in this run without being reached, in the order of dialling; those who still wait are the run's own.
    Who was cleared or removed since is left out. Raises NotFound."""
    await runs.get(tx, run_id)
    query = (
        select(recipients.c.contact_id, recipients.c.name, recipients.c.language, recipients.c.numbers)
        .where(recipients.c.run_id == run_id, recipients.c.outcome.in_(OUTCOMES))
        .order_by(recipients.c.position)
    )
    contact_ids: list[UUID] = []
    strangers: list[ListedContact] = []
    for row in await tx.execute(query):
        numbers = tuple(ListedNumber(entry["number"], "other") for entry in row.numbers if entry["number"])
        if row.contact_id is not None:
            contact_ids.append(row.contact_id)
        elif row.name:
            strangers.append(ListedContact(0, None, row.name, row.language, (), numbers))
    return Unreached(tuple(contact_ids), tuple(strangers))
