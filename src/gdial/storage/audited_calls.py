"""The calls of a run as an audit holds them against the carrier's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gdial.dialing.states import AttemptState, CallStatus
from gdial.storage.batches import in_batches, one_of
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs, recipients

PORTION = 2_000


@dataclass(frozen=True, slots=True)
class AuditedCall:
    """One attempt with the name of its person. `sid` None: the carrier never told of a call."""

    id: UUID
    name: str
    number: str
    from_number: str
    sid: str | None
    state: AttemptState
    status: CallStatus | None
    claimed_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    digits: str | None

    @property
    def is_open(self) -> bool:
        return self.state is not AttemptState.CLOSED


async def of_run(tx: Transaction, run_id: UUID) -> list[AuditedCall]:
    """Oldest first."""
    query = (
        select(
            call_logs.c.id,
            recipients.c.name,
            call_logs.c.number,
            call_logs.c.from_number,
            call_logs.c.call_sid,
            call_logs.c.state,
            call_logs.c.status,
            call_logs.c.claimed_at,
            call_logs.c.answered_at,
            call_logs.c.ended_at,
            call_logs.c.digits,
        )
        .join(recipients, recipients.c.id == call_logs.c.recipient_id)
        .where(call_logs.c.call_run_id == run_id)
        .order_by(call_logs.c.claimed_at, call_logs.c.id)
    )
    found: list[AuditedCall] = []
    async for rows in tx.portions(query, PORTION):
        found += [_read(row) for row in rows]
    return found


async def numbers_of(tx: Transaction, run_id: UUID) -> dict[str, str]:
    """Every number of everybody in the run, with the name of whose it is; nothing once they were cleared."""
    names: dict[str, str] = {}
    query = select(recipients.c.name, recipients.c.numbers).where(recipients.c.run_id == run_id)
    async for rows in tx.portions(query, PORTION):
        for row in rows:
            names.update((entry["number"], row.name) for entry in row.numbers)
    return names


async def from_numbers_of(tx: Transaction, run_id: UUID) -> set[str]:
    query = select(call_logs.c.from_number).where(call_logs.c.call_run_id == run_id).distinct()
    return set((await tx.execute(query)).scalars())


async def known_sids(tx: Transaction, sids: Sequence[str]) -> set[str]:
    """Those of these calls that any attempt of any run has."""
    known: set[str] = set()
    for some in in_batches(sids):
        query = select(call_logs.c.call_sid).where(one_of(tx, call_logs.c.call_sid, some))
        known.update(sid for sid in (await tx.execute(query)).scalars() if sid is not None)
    return known


def _read(row: Any) -> AuditedCall:
    return AuditedCall(
        id=row.id,
        name=row.name,
        number=row.number,
        from_number=row.from_number,
        sid=row.call_sid,
        state=AttemptState(row.state),
        status=CallStatus(row.status) if row.status else None,
        claimed_at=row.claimed_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        digits=row.digits,
    )
