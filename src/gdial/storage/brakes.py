"""What the brakes count: calls to one number, runs that programs started, and whom other runs ring too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from gdial.dialing.brakes import Starter
from gdial.dialing.pacing import URGENT_PRIORITY
from gdial.dialing.states import AttemptState, RecipientState, RunMode, RunState
from gdial.storage.database import Transaction
from gdial.storage.runs import LIVE_STATES
from gdial.storage.tables import call_logs, call_runs, recipients


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another live run that is to ring `people` of the same people."""

    run_id: UUID
    name: str
    state: RunState
    people: int


async def latest_calls(tx: Transaction, mode: RunMode, number: str, since: datetime, limit: int) -> list[datetime]:
    """When the latest calls to this number were claimed, newest first; those that certainly never rang left out."""
    may_have_rung = or_(call_logs.c.state != AttemptState.CLOSED, call_logs.c.call_sid.is_not(None))
    query = (
        select(call_logs.c.claimed_at)
        .where(call_logs.c.number == number, call_logs.c.claimed_at > since, call_logs.c.mode == mode, may_have_rung)
        .order_by(call_logs.c.claimed_at.desc())
        .limit(limit)
    )
    return list((await tx.execute(query)).scalars())


async def latest_runs(tx: Transaction, mode: RunMode, since: datetime, limit: int) -> list[datetime]:
    """When programs made their latest runs, newest first; urgent ones left out."""
    query = (
        select(call_runs.c.created_at)
        .where(
            call_runs.c.created_at > since,
            call_runs.c.mode == mode,
            call_runs.c.started_by == Starter.PROGRAM,
            call_runs.c.priority < URGENT_PRIORITY,
        )
        .order_by(call_runs.c.created_at.desc())
        .limit(limit)
    )
    return list((await tx.execute(query)).scalars())


async def overlaps(tx: Transaction, run_id: UUID, mode: RunMode) -> list[Overlap]:
    """Other live runs of this mode in which some of this run's people wait or are rung, the most shared first."""
    others = select(call_runs.c.id).where(
        call_runs.c.id != run_id, call_runs.c.mode == mode, call_runs.c.state.in_(LIVE_STATES)
    )
    if (await tx.execute(others.limit(1))).first() is None:
        return []
    ours, theirs = aliased(recipients), aliased(recipients)
    people = func.count(theirs.c.contact_id.distinct())
    query = (
        select(call_runs.c.id, call_runs.c.name, call_runs.c.state, people)
        .join(theirs, theirs.c.run_id == call_runs.c.id)
        .join(ours, ours.c.contact_id == theirs.c.contact_id)
        .where(
            call_runs.c.id.in_(others),
            theirs.c.state != RecipientState.ENDED,
            ours.c.run_id == run_id,
            ours.c.state != RecipientState.ENDED,
        )
        .group_by(call_runs.c.id, call_runs.c.name, call_runs.c.state)
        .order_by(people.desc(), call_runs.c.id)
    )
    return [Overlap(row[0], row[1], RunState(row[2]), row[3]) for row in await tx.execute(query)]
