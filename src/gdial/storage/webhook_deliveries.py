"""Deliveries: what a webhook endpoint is to be told, kept with what it tells of until it is delivered.

At one endpoint the deliveries of one run are a chain. Only the first that is neither delivered nor given up has a
`next_at`; when it is through, the one behind it gets one. One that was given up and is tried again by hand stands
beside the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from gdial.errors import NotFound
from gdial.storage.database import Transaction
from gdial.storage.tables import call_runs, webhook_deliveries, webhook_endpoints
from gdial.storage.turns import take_turn

rows = webhook_deliveries.c
PENDING = rows.delivered_at.is_(None) & rows.given_up_at.is_(None)


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """`tries` counts those begun; `next_at` is None while it waits for one before it."""

    id: UUID
    endpoint_id: UUID
    call_run_id: UUID
    sequence: int
    event: str
    payload: Mapping[str, Any]
    created_at: datetime
    next_at: datetime | None
    tries: int
    delivered_at: datetime | None
    given_up_at: datetime | None
    last_error: str

    @property
    def status(self) -> DeliveryStatus:
        if self.delivered_at is not None:
            return DeliveryStatus.DELIVERED
        return DeliveryStatus.WAITING if self.given_up_at is None else DeliveryStatus.GIVEN_UP


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery to be made now, and where to."""

    delivery: Delivery
    url: str
    secret: str


async def hold_chain(tx: Transaction, run_id: UUID) -> None:
    """Nobody else appends to this run's chains, or moves them on, until the transaction ends.

    The run's row first, as an insert will want it: whoever holds that row and waits here would wait for ever.
    """
    await tx.execute(select(call_runs.c.id).where(call_runs.c.id == run_id).with_for_update(read=True, key_share=True))
    await take_turn(tx, f"webhooks.{run_id}")


async def append(
    tx: Transaction,
    delivery_id: UUID,
    endpoint_id: UUID,
    run_id: UUID,
    event: str,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """To the end of the chain, which the caller holds."""
    query = (
        select(rows.sequence, PENDING.label("is_pending"))
        .where(rows.endpoint_id == endpoint_id, rows.call_run_id == run_id)
        .order_by(rows.sequence.desc())
        .limit(1)
    )
    last = (await tx.execute(query)).one_or_none()
    await tx.execute(
        webhook_deliveries.insert().values(
            id=delivery_id,
            endpoint_id=endpoint_id,
            call_run_id=run_id,
            sequence=last.sequence + 1 if last else 1,
            event=event,
            payload=dict(payload),
            created_at=now,
            next_at=None if last and last.is_pending else now,
            tries=0,
            last_error="",
        )
    )


async def due_endpoints(tx: Transaction, now: datetime) -> list[UUID]:
    """Active endpoints for which something is due."""
    query = (
        select(rows.endpoint_id)
        .join(webhook_endpoints, webhook_endpoints.c.id == rows.endpoint_id)
        .where(rows.next_at <= now, webhook_endpoints.c.is_active)
        .distinct()
    )
    return list((await tx.execute(query)).scalars())


async def claim_due(tx: Transaction, endpoint_id: UUID, now: datetime, until: datetime) -> DueDelivery | None:
    """The delivery that is due the longest; counted as tried, and nobody else's until then."""
    query = (
        select(webhook_deliveries, webhook_endpoints.c.url, webhook_endpoints.c.secret)
        .join(webhook_endpoints, webhook_endpoints.c.id == rows.endpoint_id)
        .where(rows.endpoint_id == endpoint_id, rows.next_at <= now, webhook_endpoints.c.is_active)
        .order_by(rows.next_at)
        .limit(1)
        .with_for_update(of=webhook_deliveries, skip_locked=True)
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    await _change(tx, row.id, next_at=until, tries=row.tries + 1)
    return DueDelivery(_read(row, tries=row.tries + 1), row.url, row.secret)


async def try_later(tx: Transaction, delivery: Delivery, next_at: datetime, error: str) -> None:
    await _change(tx, delivery.id, next_at=next_at, last_error=error)


async def finish(tx: Transaction, delivery: Delivery, now: datetime, *, given_up_for: str = "") -> None:
    """Delivered, or given up for this reason; the next one of the chain is due."""
    await hold_chain(tx, delivery.call_run_id)
    ended = "given_up_at" if given_up_for else "delivered_at"
    await _change(tx, delivery.id, next_at=None, last_error=given_up_for, **{ended: now})
    following = (
        select(rows.id)
        .where(
            rows.endpoint_id == delivery.endpoint_id,
            rows.call_run_id == delivery.call_run_id,
            rows.sequence > delivery.sequence,
            PENDING,
        )
        .order_by(rows.sequence)
        .limit(1)
        .scalar_subquery()
    )
    await tx.execute(update(webhook_deliveries).where(rows.id == following, rows.next_at.is_(None)).values(next_at=now))


async def try_again(tx: Transaction, delivery: Delivery, now: datetime) -> None:
    await _change(tx, delivery.id, next_at=now, given_up_at=None)


async def get(tx: Transaction, endpoint_id: UUID, delivery_id: UUID, *, lock: bool = False) -> Delivery:
    """Raises NotFound."""
    query = select(webhook_deliveries).where(rows.id == delivery_id, rows.endpoint_id == endpoint_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("delivery of this webhook endpoint", delivery_id)
    return _read(row)


async def page(
    tx: Transaction, endpoint_id: UUID, limit: int, offset: int, status: DeliveryStatus | None = None
) -> tuple[list[Delivery], int]:
    """Newest first, and how many there are in all."""
    chosen = (rows.endpoint_id == endpoint_id) & _has_status(status)
    total = (await tx.execute(select(func.count()).select_from(webhook_deliveries).where(chosen))).scalar_one()
    query = select(webhook_deliveries).where(chosen).order_by(rows.created_at.desc(), rows.sequence.desc(), rows.id)
    return [_read(row) for row in await tx.execute(query.limit(limit).offset(offset))], total


def _has_status(status: DeliveryStatus | None) -> ColumnElement[bool]:
    match status:
        case DeliveryStatus.WAITING:
            return PENDING
        case DeliveryStatus.DELIVERED:
            return rows.delivered_at.is_not(None)
        case DeliveryStatus.GIVEN_UP:
            return rows.given_up_at.is_not(None) & rows.delivered_at.is_(None)
        case None:
            return rows.id == rows.id


async def _change(tx: Transaction, delivery_id: UUID, **values: Any) -> None:
    await tx.execute(update(webhook_deliveries).where(rows.id == delivery_id).values(**values))


def _read(row: Any, **changed: Any) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in Delivery.__slots__} | changed)
