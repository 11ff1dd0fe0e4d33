"""The pace that several processes share on PostgreSQL: a row for each gate, and a row for each held line.

Times are the database's own, so that the clocks of the machines do not matter. These rows need not survive a power
cut: their transactions do not wait for the disk.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Interval, bindparam, delete, func, insert, literal, literal_column, select, update
from sqlalchemy.dialects import postgresql

from gdial.dialing.pacing import Rate, Slot
from gdial.dialing.slowing import Slowing
from gdial.dialing.states import RunMode
from gdial.storage.columns import UtcDateTime
from gdial.storage.database import Database, Transaction
from gdial.storage.tables import call_logs, line_leases, pace_gates

LEASE_SECONDS = 30.0
"""A line whose holder has died is free after this."""
LEASE_MARGIN_SECONDS = 5.0
"""A lease that lapses later than both together was made before the clock jumped back: it counts for nothing."""
CLAIM_WITHIN_SECONDS = 5.0
"""A lease that lapses sooner than this is used by nobody: the claim may take so long to be stored."""
SLOT, DEPARTURE = "slot", "departure"


class PaceGates:
    """Implements `Gates` on one database. `lease_seconds` is for how long a line is held for a call to be claimed."""

    def __init__(self, database: Database, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._database = database
        self._lease_seconds = lease_seconds

    async def take(self, mode: RunMode, rate: Rate, lines: int) -> Slot | float | None:
        async with self._database.transaction() as tx:
            gate = await _lock_gate(tx, mode, SLOT)
            # In a statement of its own: what the holder before us has committed is counted.
            if await _count_taken_lines(tx, mode) >= lines:
                return None
            rate = rate.slowed(gate.slowing.share_at(gate.now))
            believed = rate.believe(gate.next_at, gate.now)
            start_at, next_at = rate.take(believed, gate.now)
            if start_at > gate.now:
                if believed != gate.next_at:
                    await _move_gate(tx, mode, SLOT, believed)
                return start_at - gate.now
            await _move_gate(tx, mode, SLOT, next_at)
            return Slot(next_at, believed, await self._hold_line(tx, mode, gate.now))

    async def _hold_line(self, tx: Transaction, mode: RunMode, now: float) -> UUID:
        lease_id = uuid4()
        lapses_at = _moment(now) + timedelta(seconds=self._lease_seconds)
        await tx.execute(INSERT_LEASE, {"id": lease_id, "mode": mode, "lapses_at": lapses_at})
        return lease_id

    async def give_back(self, mode: RunMode, slot: Slot) -> None:
        async with self._database.transaction() as tx:
            times = {"taken": _moment(slot.next_at), "before": _moment(slot.next_at_before)}
            await tx.execute(MOVE_BACK, times | {"of_mode": mode, "of_gate": SLOT})
            await tx.execute(DROP_LEASE, {"lease_id": slot.lease_id})

    async def leave(self, mode: RunMode, rate: Rate, asked_at: float | None) -> tuple[float, float]:
        async with self._database.transaction() as tx:
            gate = await _lock_gate(tx, mode, DEPARTURE)
            asked_at = gate.now if asked_at is None else min(asked_at, gate.now)
            believed = rate.believe(gate.next_at, gate.now)
            due_at = max(believed, asked_at)
            if due_at > gate.now:
                if believed != gate.next_at:
                    await _move_gate(tx, mode, DEPARTURE, believed)
                return asked_at, due_at - gate.now
            await _move_gate(tx, mode, DEPARTURE, rate.after_leaving(due_at, gate.now))
            return asked_at, 0.0

    async def slow_down(self, mode: RunMode, per_second: float) -> float:
        async with self._database.transaction() as tx:
            gate = await _lock_gate(tx, mode, SLOT)
            slower = gate.slowing.after_refusal(gate.now, per_second)
            if slower != gate.slowing:
                values = {"of_mode": mode, "of_gate": SLOT, "share": slower.share, "at": _moment(slower.at)}
                await tx.execute(SLOW_GATE, values)
            return slower.share_at(gate.now)

    async def share(self, mode: RunMode) -> float:
        async with self._database.reading() as tx:
            row = (await tx.execute(LOOK_AT_GATE, {"of_mode": mode, "of_gate": SLOT})).one_or_none()
            return 1.0 if row is None else _slowing(row).share_at(row.now.timestamp())

    async def taken_lines(self, mode: RunMode) -> int:
        async with self._database.reading() as tx:
            return await _count_taken_lines(tx, mode)


async def use_line(tx: Transaction, lease_id: UUID) -> bool:
    """The held line becomes the call that this transaction claims. False when the lease has lapsed, or is about to, or
    counts no more because the clock jumped back."""
    return bool((await tx.execute(USE_LEASE, {"lease_id": lease_id})).rowcount)


async def forget_lapsed(tx: Transaction, before: datetime) -> None:
    """Remove leases that lapsed before this; they count for nothing anyway."""
    await tx.execute(delete(line_leases).where(line_leases.c.lapses_at < before))


class _Gate(NamedTuple):
    next_at: float
    now: float
    slowing: Slowing


async def _lock_gate(tx: Transaction, mode: RunMode, gate: str) -> _Gate:
    key = {"of_mode": mode, "of_gate": gate}
    row = (await tx.execute(LOCK_GATE, key)).one_or_none()
    if row is None:
        await tx.execute(MAKE_GATE, {"mode": mode, "gate": gate, "next_at": datetime.fromtimestamp(0, UTC)})
        row = (await tx.execute(LOCK_GATE, key)).one()
    return _Gate(row.next_at.timestamp(), row.now.timestamp(), _slowing(row))


def _slowing(row: Any) -> Slowing:
    return Slowing() if row.slowed_at is None else Slowing(row.slowed_to, row.slowed_at.timestamp())


async def _move_gate(tx: Transaction, mode: RunMode, gate: str, next_at: float) -> None:
    await tx.execute(MOVE_GATE, {"of_mode": mode, "of_gate": gate, "to": _moment(next_at)})


async def _count_taken_lines(tx: Transaction, mode: RunMode) -> int:
    return int((await tx.execute(COUNT_LINES, {"of_mode": mode})).scalar_one())


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


NOW = func.clock_timestamp(type_=UtcDateTime)
THIS_GATE = (pace_gates.c.mode == bindparam("of_mode"), pace_gates.c.gate == bindparam("of_gate"))
# The clock is read outside of the locking part: inside of it, that would be before the wait for the lock.
GATE = select(pace_gates.c.next_at, pace_gates.c.slowed_to, pace_gates.c.slowed_at).where(*THIS_GATE)
LOCKED = GATE.with_for_update().cte("locked")
LOCK_GATE = select(*LOCKED.c, NOW.label("now"), func.set_config("synchronous_commit", "off", literal_column("true")))
LOOK_AT_GATE = GATE.add_columns(NOW.label("now"))
MAKE_GATE = postgresql.insert(pace_gates).on_conflict_do_nothing()
MOVE_GATE = update(pace_gates).where(*THIS_GATE).values(next_at=bindparam("to"))
SLOW_GATE = update(pace_gates).where(*THIS_GATE).values(slowed_to=bindparam("share"), slowed_at=bindparam("at"))
MOVE_BACK = (
    update(pace_gates).where(*THIS_GATE, pace_gates.c.next_at == bindparam("taken")).values(next_at=bindparam("before"))
)
# The state is spelled out, so that every plan can use the index of open calls.
OPEN_CALLS = select(func.count()).where(
    call_logs.c.mode == bindparam("of_mode"), call_logs.c.state != literal_column("'closed'")
)
LAPSES_IN_TIME = line_leases.c.lapses_at <= NOW + literal(
    timedelta(seconds=LEASE_SECONDS + LEASE_MARGIN_SECONDS), Interval
)
HELD_LINES = select(func.count()).where(
    line_leases.c.mode == bindparam("of_mode"), line_leases.c.lapses_at > NOW, LAPSES_IN_TIME
)
COUNT_LINES = select(OPEN_CALLS.scalar_subquery() + HELD_LINES.scalar_subquery())
INSERT_LEASE = insert(line_leases)
DROP_LEASE = delete(line_leases).where(line_leases.c.id == bindparam("lease_id"))
USE_LEASE = DROP_LEASE.where(
    line_leases.c.lapses_at > NOW + literal(timedelta(seconds=CLAIM_WITHIN_SECONDS), Interval), LAPSES_IN_TIME
)
"""Made once: building a statement costs more than running it."""
