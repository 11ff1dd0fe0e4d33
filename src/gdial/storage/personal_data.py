"""Takes names, numbers, keys and words out of what is old. Counts and outcomes stay: the ledger balances as before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, or_, select, update

from gdial.storage.database import Transaction
from gdial.storage.tables import (
    call_logs,
    call_runs,
    carrier_events,
    custom_message_logs,
    inbound_calls,
    recipient_care,
    recipient_notes,
    recipients,
    webhook_deliveries,
)


async def runs_ended(tx: Transaction, since: datetime | None, before: datetime) -> list[UUID]:
    """Runs that ended in this time, oldest first; `since` None: ever."""
    query = select(call_runs.c.id).where(call_runs.c.ended_at < before).order_by(call_runs.c.ended_at)
    if since is not None:
        query = query.where(call_runs.c.ended_at >= since)
    return list((await tx.execute(query)).scalars())


async def count_places(tx: Transaction, run_id: UUID) -> int:
    """How many places there are in the order of dialling."""
    last = (await tx.execute(select(func.max(recipients.c.position)).where(recipients.c.run_id == run_id))).scalar_one()
    return 0 if last is None else int(last) + 1


async def clear_people(tx: Transaction, run_id: UUID, first: int, count: int) -> None:
    """Those in `count` places from `first` on, with their calls. Nothing of the run may be open any more."""
    ids = _people(run_id, first, count)
    calls = select(call_logs.c.id).where(call_logs.c.recipient_id.in_(ids))
    await tx.execute(delete(carrier_events).where(carrier_events.c.call_log_id.in_(calls)))
    await tx.execute(
        update(call_logs)
        .where(call_logs.c.recipient_id.in_(ids))
        # A carrier's error text may repeat the number.
        .values(contact_id=None, phone_number_id=None, number="", digits=None, error="")
    )
    for words in (recipient_notes, recipient_care):
        await tx.execute(delete(words).where(words.c.recipient_id.in_(ids)))
    await tx.execute(
        update(recipients).where(recipients.c.id.in_(ids)).values(contact_id=None, name="", fields={}, numbers=[])
    )


async def clear_words(tx: Transaction, run_id: UUID) -> None:
    """What was written for one person alone, and what endpoints were told of people."""
    how_many = select(func.count()).where(recipients.c.run_id == run_id).scalar_subquery()
    await tx.execute(
        update(call_runs)
        .where(call_runs.c.id == run_id, call_runs.c.custom_message_log_id.is_not(None), how_many == 1)
        .values(text="", translations={})
    )
    own = select(call_runs.c.custom_message_log_id).where(call_runs.c.id == run_id, call_runs.c.text == "")
    await tx.execute(_without_words().where(custom_message_logs.c.id.in_(own)))
    is_over = webhook_deliveries.c.delivered_at.is_not(None) | webhook_deliveries.c.given_up_at.is_not(None)
    await tx.execute(delete(webhook_deliveries).where(webhook_deliveries.c.call_run_id == run_id, is_over))


async def clear_loose_words(tx: Transaction, before: datetime) -> None:
    """Texts written for one person that no run of later needs, and calls that people made to us."""
    needed = exists().where(
        call_runs.c.custom_message_log_id == custom_message_logs.c.id,
        or_(call_runs.c.ended_at.is_(None), call_runs.c.ended_at >= before),
    )
    old = custom_message_logs.c.created_at < before
    await tx.execute(_without_words().where(custom_message_logs.c.contact_id.is_not(None), old, ~needed))
    await tx.execute(
        update(inbound_calls)
        .where(
            inbound_calls.c.received_at < before, (inbound_calls.c.number != "") | inbound_calls.c.digits.is_not(None)
        )
        .values(number="", digits=None, recipient_id=None)
    )


def _people(run_id: UUID, first: int, count: int) -> Select[tuple[UUID]]:
    in_place = recipients.c.position.between(first, first + count - 1)
    return select(recipients.c.id).where(recipients.c.run_id == run_id, in_place)


def _without_words() -> Any:
    return update(custom_message_logs).values(message_content="", contact_id=None)
