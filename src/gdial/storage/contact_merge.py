"""Several contacts made one: what was dialled to any of them belongs to the one that is kept.

Nobody may be rung twice through it: refused while a call to one of them is open, and while a run that two of them are
in still has one of them to ring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update

from gdial.dialing.states import AttemptState, RecipientState
from gdial.errors import Conflict, NotFound
from gdial.storage.contacts import Contact, load
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs, call_runs, contacts, custom_message_logs, recipients


async def lock(tx: Transaction, contact_ids: Sequence[UUID]) -> list[Contact]:
    """In the order asked for; neither they nor where runs are with them change until the transaction ends.

    Raises NotFound.
    """
    # A worker takes the recipient before the contact, too. A run that starts adds recipients until the contacts are
    # locked, so they are looked for again.
    of_them = select(recipients.c.id).where(recipients.c.contact_id.in_(contact_ids)).order_by(recipients.c.id)
    await tx.execute(of_them.with_for_update())
    these = select(contacts.c.id).where(contacts.c.id.in_(contact_ids)).order_by(contacts.c.id)
    found = set((await tx.execute(these.with_for_update())).scalars())
    for contact_id in contact_ids:
        if contact_id not in found:
            raise NotFound("contact", contact_id)
    await tx.execute(of_them.with_for_update())
    return await load(tx, contact_ids)


async def require_nobody_is_rung_twice(tx: Transaction, contact_ids: Sequence[UUID]) -> None:
    """Raises Conflict, naming the run."""
    await _require_no_open_call(tx, contact_ids)
    in_run = (
        select(call_runs.c.name, call_runs.c.id)
        .join(recipients, recipients.c.run_id == call_runs.c.id)
        .where(recipients.c.contact_id.in_(contact_ids))
        .group_by(call_runs.c.id, call_runs.c.name)
        .having(func.count(recipients.c.contact_id.distinct()) > 1)
        .having(func.count(recipients.c.id).filter(recipients.c.state != RecipientState.ENDED) > 0)
    )
    run = (await tx.execute(in_run.limit(1))).one_or_none()
    if run is not None:
        raise Conflict(
            f"two of them are in the run {run.name!r} ({run.id}), which still has one of them to ring: the person "
            "would be rung twice; merge them when it ended, or stop it first"
        )


async def _require_no_open_call(tx: Transaction, contact_ids: Sequence[UUID]) -> None:
    query = (
        select(call_runs.c.name, call_runs.c.id)
        .join(call_logs, call_logs.c.call_run_id == call_runs.c.id)
        .where(call_logs.c.contact_id.in_(contact_ids), call_logs.c.state != AttemptState.CLOSED)
    )
    run = (await tx.execute(query.limit(1))).one_or_none()
    if run is not None:
        raise Conflict(
            f"a call to one of them is under way in the run {run.name!r} ({run.id}); try again when it ended"
        )


async def move_history(
    tx: Transaction, keep_id: UUID, contact_ids: Sequence[UUID], same_numbers: Mapping[UUID, UUID]
) -> None:
    """What was dialled, and what is still to be. `same_numbers`: ids of numbers that go, to those that stay."""
    for table in (call_logs, recipients, custom_message_logs):
        await tx.execute(update(table).where(table.c.contact_id.in_(contact_ids)).values(contact_id=keep_id))
    if same_numbers:
        of_number = call_logs.c.phone_number_id == bindparam("gone")
        change = update(call_logs).where(call_logs.c.contact_id == keep_id, of_number)
        rows = [{"gone": gone, "stays": stays} for gone, stays in same_numbers.items()]
        await tx.execute(change.values(phone_number_id=bindparam("stays")), rows)


async def remove(tx: Transaction, contact_ids: Sequence[UUID]) -> None:
    """With their numbers and memberships. Move their history first: it would belong to nobody."""
    await tx.execute(delete(contacts).where(contacts.c.id.in_(contact_ids)))
