"""Call runs: what is said, to whom it goes, and how far it has come."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select, update

from gdial.dialing.brakes import Starter
from gdial.dialing.policy import Policy, read_policy
from gdial.dialing.states import AttemptState, Outcome, RecipientState, RunMode, RunState
from gdial.errors import NotFound
from gdial.storage.database import Transaction
from gdial.storage.tables import call_logs, call_runs, recipients

LIVE_STATES = (RunState.RUNNING, RunState.PAUSED)


@dataclass(frozen=True, slots=True)
class Run:
    """A call run. `text`, `language`, `responses` and `translations` are as they were when it was made."""

    id: UUID
    name: str
    description: str
    mode: RunMode
    state: RunState
    priority: int
    policy: Policy
    message_id: UUID | None
    custom_message_log_id: UUID | None
    text: str
    language: str
    responses: Mapping[str, Mapping[str, str]]
    created_at: datetime
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    deadline_at: datetime | None = None
    ended_at: datetime | None = None
    paused_because: str = ""
    translations: Mapping[str, Any] = field(default_factory=dict)
    hangs_up: bool = False
    started_by: Starter = Starter.JOB


@dataclass(frozen=True, slots=True)
class Counts:
    """`recipients` is always the sum of the others."""

    recipients: int
    waiting: int
    calling: int
    reached: int
    not_reached: int
    stopped: int


async def insert(tx: Transaction, run: Run) -> None:
    values = {name: getattr(run, name) for name in Run.__slots__}
    values["policy"] = run.policy.to_json()
    values["responses"] = {key: dict(response) for key, response in run.responses.items()}
    values["translations"] = dict(run.translations)
    await tx.execute(call_runs.insert().values(values))


async def get(tx: Transaction, run_id: UUID, *, lock: bool = False) -> Run:
    """Raises NotFound. `lock` keeps others from changing it until the transaction ends.

    Not from referring to it: who has done so and then wants the lock would wait for another who has, and for ever.
    """
    query = select(call_runs).where(call_runs.c.id == run_id)
    row = (await tx.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
    if row is None:
        raise NotFound("run", run_id)
    return read_run(row)


async def get_if_free(tx: Transaction, run_id: UUID) -> Run | None:
    """As `get` with `lock`; None when somebody else is changing it at this moment, who is not waited for."""
    query = select(call_runs).where(call_runs.c.id == run_id)
    row = (await tx.execute(query.with_for_update(key_share=True, skip_locked=True))).one_or_none()
    return None if row is None else read_run(row)


async def page(tx: Transaction, limit: int, offset: int, state: RunState | None = None) -> tuple[list[Run], int]:
    """Newest first, and how many there are in all."""
    chosen = call_runs.c.state == state if state else call_runs.c.id == call_runs.c.id
    total = (await tx.execute(select(func.count()).select_from(call_runs).where(chosen))).scalar_one()
    query = select(call_runs).where(chosen).order_by(call_runs.c.created_at.desc(), call_runs.c.id)
    rows = await tx.execute(query.limit(limit).offset(offset))
    return [read_run(row) for row in rows], total


async def change(tx: Transaction, run_id: UUID, **values: Any) -> None:
    await tx.execute(update(call_runs).where(call_runs.c.id == run_id).values(**values))


async def running(tx: Transaction, mode: RunMode) -> list[tuple[UUID, int]]:
    """(id, priority) of the runs that ring now, most urgent first, then oldest."""
    query = (
        select(call_runs.c.id, call_runs.c.priority)
        .where(call_runs.c.state == RunState.RUNNING, call_runs.c.mode == mode)
        .order_by(call_runs.c.priority.desc(), call_runs.c.created_at)
    )
    return [(row.id, row.priority) for row in await tx.execute(query)]


async def due_to_start(tx: Transaction, now: datetime) -> list[Run]:
    query = select(call_runs).where(call_runs.c.state == RunState.SCHEDULED, call_runs.c.scheduled_at <= now)
    return [read_run(row) for row in await tx.execute(query.with_for_update(skip_locked=True))]


async def past_deadline(tx: Transaction, now: datetime) -> list[UUID]:
    """Live runs whose time is up and in which somebody still waits."""
    somebody_waits = exists().where(recipients.c.run_id == call_runs.c.id, recipients.c.state == RecipientState.WAITING)
    query = select(call_runs.c.id).where(
        call_runs.c.state.in_(LIVE_STATES), call_runs.c.deadline_at <= now, somebody_waits
    )
    return list((await tx.execute(query)).scalars())


async def stopped_with_somebody_waiting(tx: Transaction) -> list[UUID]:
    """Runs whose stop was cut short, by a crash or because their last calls have only now ended."""
    query = (
        select(call_runs.c.id)
        .join(recipients, and_(recipients.c.run_id == call_runs.c.id, recipients.c.state == RecipientState.WAITING))
        .where(call_runs.c.state == RunState.STOPPED)
        .distinct()
    )
    return list((await tx.execute(query)).scalars())


async def finished(tx: Transaction) -> list[Run]:
    """Live runs in which everybody has an outcome and no call is open; stopped ones not yet closed likewise."""
    query = select(call_runs).where(
        call_runs.c.state.in_((*LIVE_STATES, RunState.STOPPED)),
        call_runs.c.ended_at.is_(None),
        ~exists().where(recipients.c.run_id == call_runs.c.id, recipients.c.state != RecipientState.ENDED),
        ~exists().where(call_logs.c.call_run_id == call_runs.c.id, call_logs.c.state != AttemptState.CLOSED),
    )
    return [read_run(row) for row in await tx.execute(query)]


async def counts(tx: Transaction, run_id: UUID) -> Counts:
    query = (
        select(recipients.c.state, recipients.c.outcome, func.count())
        .where(recipients.c.run_id == run_id)
        .group_by(recipients.c.state, recipients.c.outcome)
    )
    tally: dict[str, int] = {}
    for state, outcome, number in await tx.execute(query):
        key = outcome if state == RecipientState.ENDED else state
        tally[key] = tally.get(key, 0) + number
    return Counts(
        recipients=sum(tally.values()),
        waiting=tally.get(RecipientState.WAITING, 0),
        calling=tally.get(RecipientState.CALLING, 0),
        reached=tally.get(Outcome.REACHED, 0),
        not_reached=tally.get(Outcome.NOT_REACHED, 0),
        stopped=tally.get(Outcome.STOPPED, 0),
    )


async def answers(tx: Transaction, run_id: UUID) -> dict[str, int]:
    """How many people gave each answer, by key."""
    query = (
        select(recipients.c.answer, func.count())
        .where(recipients.c.run_id == run_id, recipients.c.answer.is_not(None))
        .group_by(recipients.c.answer)
        .order_by(recipients.c.answer)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


RunColumns = namedtuple("RunColumns", [column.name for column in call_runs.c])  # type: ignore[misc]


def read_run(row: Any) -> Run:
    """From anything that has the columns of a run as attributes."""
    values = {name: getattr(row, name) for name in Run.__slots__}
    values["mode"] = RunMode(row.mode)
    values["started_by"] = Starter(row.started_by)
    values["state"] = RunState(row.state)
    values["policy"] = _read_policy(json.dumps(row.policy, sort_keys=True))
    return Run(**values)


@lru_cache(maxsize=256)
def _read_policy(stored: str) -> Policy:
    return read_policy(json.loads(stored), Policy())
