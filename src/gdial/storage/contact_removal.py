"""Takes a person out. What was dialled stays in the reports, without name and number."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update

from gdial.dialing.states import AttemptState, RecipientState
from gdial.errors import Conflict
from gdial.storage.contacts import get
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs, call_runs, contacts, inbound_calls, recipient_notes, recipients


async def remove(tx: Transaction, contact_id: UUID) -> None:
    """Raises NotFound; Conflict, naming the run, while a call to this person is open or a run will still ring them."""
    await _lock_recipients(tx, contact_id)
    await get(tx, contact_id, lock=True)
    await _require_no_open_call(tx, contact_id)
    await _require_nobody_waits(tx, contact_id)
    await _strip_attempts(tx, contact_id)
    await _strip_inbound_calls(tx, contact_id)
    await _remove_notes(tx, contact_id)
    await _strip_recipients(tx, contact_id)
    await tx.execute(delete(contacts).where(contacts.c.id == contact_id))


async def _lock_recipients(tx: Transaction, contact_id: UUID) -> None:
    """First, and in the order of their ids, as a late word about one of their calls does: nobody waits in a circle."""
    theirs = select(recipients.c.id).where(recipients.c.contact_id == contact_id)
    await tx.execute(theirs.order_by(recipients.c.id).with_for_update())


async def _require_no_open_call(tx: Transaction, contact_id: UUID) -> None:
    query = (
        select(call_runs.c.name, call_runs.c.id)
        .join(call_logs, call_logs.c.call_run_id == call_runs.c.id)
        .where(call_logs.c.contact_id == contact_id, call_logs.c.state != AttemptState.CLOSED)
    )
    run = (await tx.execute(query.limit(1))).one_or_none()
    if run is not None:
        raise Conflict(
            f"a call to this person is under way in the run {run.name!r} ({run.id}); try again when it ended"
        )


async def _require_nobody_waits(tx: Transaction, contact_id: UUID) -> None:
    query = (
        select(call_runs.c.name, call_runs.c.id)
        .join(recipients, recipients.c.run_id == call_runs.c.id)
        .where(recipients.c.contact_id == contact_id, recipients.c.state != RecipientState.ENDED)
        .limit(1)
    )
    run = (await tx.execute(query)).one_or_none()
    if run is not None:
        raise Conflict(f"this person is still to be rung in the run {run.name!r} ({run.id}); stop that run first")


async def _strip_attempts(tx: Transaction, contact_id: UUID) -> None:
    await tx.execute(
        update(call_logs)
        .where(call_logs.c.contact_id == contact_id)
        # A carrier's error text may repeat the number.
        .values(number="", error=func.replace(call_logs.c.error, call_logs.c.number, ""))
    )


async def _strip_inbound_calls(tx: Transaction, contact_id: UUID) -> None:
    theirs = select(recipients.c.id).where(recipients.c.contact_id == contact_id)
    await tx.execute(
        update(inbound_calls).where(inbound_calls.c.recipient_id.in_(theirs)).values(number="", digits=None)
    )


async def _remove_notes(tx: Transaction, contact_id: UUID) -> None:
    theirs = select(recipients.c.id).where(recipients.c.contact_id == contact_id)
    await tx.execute(delete(recipient_notes).where(recipient_notes.c.recipient_id.in_(theirs)))


async def _strip_recipients(tx: Transaction, contact_id: UUID) -> None:
    """Numbers keep their places: an attempt points to its own by index, and late words may still come."""
    query = select(recipients.c.id, recipients.c.numbers).where(recipients.c.contact_id == contact_id)
    rows = [
        {
            "of_recipient": row.id,
            "name": "",
            "fields": {},
            "numbers": [{**entry, "number": ""} for entry in row.numbers],
        }
        for row in await tx.execute(query)
    ]
    if rows:
        await tx.execute(update(recipients).where(recipients.c.id == bindparam("of_recipient")), rows)
