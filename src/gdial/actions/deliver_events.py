"""Deliver to webhook endpoints what was stored for them: in order for each run, at least once, and given up after a
day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from gdial.endpoints.client import EndpointClient, Told
from gdial.runtime import Runtime
from gdial.storage import webhook_deliveries
from gdial.storage.database import Transaction
from gdial.storage.webhook_deliveries import Delivery, DueDelivery

log = structlog.get_logger(__name__)

PAUSES_SECONDS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800)
"""After the first try that failed, the second, and so on; the last one again and again."""
GIVEN_UP_AFTER = timedelta(hours=24)
CLAIM_SECONDS = 60
"""Longer than any one try: a process that died in one leaves it to the next after this."""


async def endpoints_with_work(rt: Runtime) -> list[UUID]:
    async with rt.database.reading() as tx:
        return await webhook_deliveries.due_endpoints(tx, rt.clock())


async def deliver_to(rt: Runtime, client: EndpointClient, endpoint_id: UUID) -> int:
    """One after the other, until nothing is due for this endpoint; how many tries that took."""
    tries, due = 0, await _settle_and_claim(rt, endpoint_id)
    while due is not None:
        told = await _send(rt, client, due)
        tries += 1
        due = await _settle_and_claim(rt, endpoint_id, due.delivery, told)
    return tries


async def _send(rt: Runtime, client: EndpointClient, due: DueDelivery) -> Told:
    delivery = due.delivery
    told = await client.tell(
        due.url, due.secret, str(delivery.id), int(rt.clock().timestamp()), write_body(delivery.payload)
    )
    tell = log.info if told.is_delivered else log.warning
    # Neither the address, which may hold a key, nor anything of the payload.
    tell(
        "webhook delivered" if told.is_delivered else "webhook not delivered",
        endpoint=str(delivery.endpoint_id),
        delivery=str(delivery.id),
        what=delivery.event,
        tries=delivery.tries,
        status=told.status,
        why=told.error if told.status is None else "",
    )
    return told


def write_body(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


async def _settle_and_claim(
    rt: Runtime, endpoint_id: UUID, delivery: Delivery | None = None, told: Told | None = None
) -> DueDelivery | None:
    """One transaction for the end of one try and the beginning of the next: each costs a write to the disk."""
    async with rt.database.transaction() as tx:
        if delivery is not None and told is not None:
            await _settle(tx, delivery, told, rt.clock())
        now = rt.clock()
        return await webhook_deliveries.claim_due(tx, endpoint_id, now, now + timedelta(seconds=CLAIM_SECONDS))


async def _settle(tx: Transaction, delivery: Delivery, told: Told, now: datetime) -> None:
    if told.is_delivered:
        await webhook_deliveries.finish(tx, delivery, now)
        return
    next_at = next_try(delivery.tries, delivery.created_at, now)
    if next_at is not None:
        await webhook_deliveries.try_later(tx, delivery, next_at, told.error)
        return
    await webhook_deliveries.finish(tx, delivery, now, given_up_for=told.error)
    log.error("webhook given up", endpoint=str(delivery.endpoint_id), delivery=str(delivery.id), tries=delivery.tries)


def next_try(tries: int, created_at: datetime, now: datetime) -> datetime | None:
    """When it is tried again after so many tries, at least 1; None when it is given up."""
    pause = PAUSES_SECONDS[min(tries, len(PAUSES_SECONDS)) - 1]
    next_at = now + timedelta(seconds=pause)
    return next_at if next_at <= created_at + GIVEN_UP_AFTER else None
