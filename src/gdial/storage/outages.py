"""Which processes a carrier does not answer, told by each while it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from gdial.dialing.states import RunMode
from gdial.storage.database import Transaction
from gdial.storage.tables import carrier_outages
from gdial.storage.workers import time_here

STALE_AFTER = timedelta(seconds=20)
"""Told again every few seconds: what is older was left by a process that has died."""


@dataclass(frozen=True, slots=True)
class Outage:
    """`why`: what the carrier's silence looks like, in plain words."""

    process_id: UUID
    mode: RunMode
    since: datetime
    seen_at: datetime
    why: str


async def keep(tx: Transaction, outage: Outage) -> None:
    """Write down that it lasts."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    row = {name: getattr(outage, name) for name in Outage.__slots__}
    statement = insert(carrier_outages).values(row)
    changed = {name: statement.excluded[name] for name in ("since", "seen_at", "why")}
    keys = [carrier_outages.c.process_id, carrier_outages.c.mode]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def remove(tx: Transaction, process_id: UUID, mode: RunMode, now: datetime) -> None:
    """It is over; what dead processes left goes too."""
    own = (carrier_outages.c.process_id == process_id) & (carrier_outages.c.mode == mode)
    await tx.execute(delete(carrier_outages).where(own | (carrier_outages.c.seen_at < now - STALE_AFTER)))


async def under_way(tx: Transaction, mode: RunMode, here: datetime) -> list[Outage]:
    """Longest first. `here` is this machine's time, which counts where there is no other."""
    query = select(carrier_outages).where(carrier_outages.c.mode == mode).order_by(carrier_outages.c.since)
    rows = (await tx.execute(query)).all()
    if not rows:
        return []
    now = await time_here(tx, here)
    told = [Outage(row.process_id, RunMode(row.mode), row.since, row.seen_at, row.why) for row in rows]
    return [outage for outage in told if now - outage.seen_at < STALE_AFTER]
