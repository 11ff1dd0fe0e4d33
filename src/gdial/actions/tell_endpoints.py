"""What webhook endpoints are told, written in the transaction of what it tells: both happen, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import uuid4

from gdial.dialing.model import Recipient
from gdial.runtime import Records
from gdial.storage import runs, webhook_deliveries, webhook_endpoints
from gdial.storage.attempts import StoredAttempt
from gdial.storage.database import Transaction
from gdial.storage.recipients import StoredRecipient
from gdial.storage.runs import Run


class EndpointEvent(StrEnum):
    STARTED = "run.started"
    ANSWERED = "run.answered"
    ENDED = "run.ended"


PING = "ping"
"""Sent by hand only, to see whether an endpoint answers."""


async def tell_started(tx: Transaction, rt: Records, run: Run) -> None:
    """`run` as it is stored now."""
    await _tell(tx, rt, EndpointEvent.STARTED, run)


async def tell_answered(
    tx: Transaction, rt: Records, before: StoredRecipient, after: Recipient, attempt: StoredAttempt | None
) -> None:
    """Nothing is told where the decision gave no answer, or the one there was."""
    if after.answer is None or after.answer == before.facts.answer:
        return
    response = before.run.responses.get(after.answer, {})
    person = {
        "id": str(before.id),
        "contact_id": str(before.contact_id) if before.contact_id else None,
        "name": before.name,
        "number": attempt.number if attempt else None,
        "answer": after.answer,
        "label": response.get("label", ""),
        "outcome": after.outcome,
    }
    await _tell(tx, rt, EndpointEvent.ANSWERED, before.run, person)


async def tell_ended(tx: Transaction, rt: Records, run: Run) -> None:
    """`run` as it is stored now."""
    await _tell(tx, rt, EndpointEvent.ENDED, run)


async def _tell(
    tx: Transaction, rt: Records, event: EndpointEvent, run: Run, person: Mapping[str, Any] | None = None
) -> None:
    told = await webhook_endpoints.told_of(tx, event)
    if not told:
        return
    await webhook_deliveries.hold_chain(tx, run.id)
    described = _describe(run) if person else _describe(run) | await _ledger(tx, run)
    now = rt.clock()
    for endpoint_id in told:
        delivery_id = uuid4()
        payload = event_body(str(delivery_id), event, described, person, now.isoformat())
        await webhook_deliveries.append(tx, delivery_id, endpoint_id, run.id, event, payload, now)


def event_body(
    delivery_id: str, event: str, run: Mapping[str, Any] | None, person: Mapping[str, Any] | None, occurred_at: str
) -> dict[str, Any]:
    """The JSON of a delivery; its id stays the same however often it is sent."""
    return {"id": delivery_id, "event": event, "run": run, "recipient": person, "occurred_at": occurred_at}


def _describe(run: Run) -> dict[str, Any]:
    moments = ("created_at", "scheduled_at", "started_at", "ended_at")
    return {
        "id": str(run.id),
        "name": run.name,
        "mode": run.mode,
        "state": run.state,
        "priority": run.priority,
        **{name: moment.isoformat() if (moment := getattr(run, name)) else None for name in moments},
    }


async def _ledger(tx: Transaction, run: Run) -> dict[str, Any]:
    counts = await runs.counts(tx, run.id)
    counted = {name: getattr(counts, name) for name in counts.__slots__}
    return {"counts": counted, "answers": await runs.answers(tx, run.id)}
