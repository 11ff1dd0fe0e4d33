"""Decide on one recipient, save it, and let out what follows: the middle of every action that moves a call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gdial.actions.placing_marks import marks_of
from gdial.actions.run_ledger import amend_ledger
from gdial.actions.tell_endpoints import tell_answered
from gdial.dialing.decide import decide
from gdial.dialing.events import Event
from gdial.dialing.model import Attempt
from gdial.dialing.policy import Policy
from gdial.dialing.run import RunCommand, change_run
from gdial.dialing.states import AttemptState, CallStatus, Outcome, RecipientState, RunState
from gdial.dialing.steps import Decision, HangUpCall, MarkNumberBad, PauseRun
from gdial.errors import TemporaryError
from gdial.monitoring import metrics
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage import attempts, phone_numbers, recipients, runs
from gdial.storage.attempts import StoredAttempt
from gdial.storage.database import Transaction
from gdial.storage.recipients import StoredRecipient

log = structlog.get_logger(__name__)

CLAIM_MARGIN_SECONDS = 5
"""A claim older than the carrier's time-out and this belongs to a worker that died."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What one decision came to, for letting out after the commit."""

    before: StoredRecipient
    decision: Decision
    line_is_free: bool


async def decide_and_save(
    tx: Transaction,
    rt: Runtime,
    recipient: StoredRecipient,
    event: Event,
    attempt: StoredAttempt | None = None,
    *,
    by_list: bool = False,
) -> Decided:
    """In the caller's transaction, which holds the recipient's lock. `attempt`: as stored, when the event has one.
    `by_list`: it was the carrier's list that told."""
    now = rt.clock()
    decision = decide(recipient.facts, event, recipient.run.policy, now)
    await recipients.save(tx, recipient, decision.recipient, now)
    line_is_free = False
    if attempt is not None and decision.attempt is not None:
        ask_at = next_ask_at(decision.attempt, recipient.run.policy, rt.settings, now)
        marks = marks_of(event, attempt.facts, decision.attempt, by_list=by_list)
        await attempts.save(tx, attempt.facts, decision.attempt, ask_at, marks)
        line_is_free = attempt.facts.is_open and not decision.attempt.is_open
    await _save_steps(tx, recipient, decision, now)
    await amend_ledger(tx, recipient, decision.recipient, attempt.facts.id if attempt else None, now)
    await tell_answered(tx, rt, recipient, decision.recipient, attempt)
    return Decided(recipient, decision, line_is_free)


async def _save_steps(tx: Transaction, recipient: StoredRecipient, decision: Decision, now: datetime) -> None:
    for step in decision.steps:
        if isinstance(step, MarkNumberBad):
            await phone_numbers.mark_bad(tx, step.number.number, step.code, now)
        if isinstance(step, PauseRun):
            # Who changes the run may be waiting for this recipient. If that was no pause, the next refused call pauses.
            run = await runs.get_if_free(tx, recipient.run.id)
            if run is not None and run.state is RunState.RUNNING:
                state = change_run(run.state, RunCommand.PAUSE)
                await runs.change(tx, run.id, state=state, paused_because=step.error)


async def let_out(rt: Runtime, *all_decided: Decided) -> None:
    """After the commit: ring the bells and hang up."""
    for decided in all_decided:
        _count_reached(decided)
        if decided.line_is_free and decided.before.run.mode in rt.networks:
            rt.networks[decided.before.run.mode].pace.free_line()
            rt.bells.feed.set()
        _ring_when_due(rt, decided)
        for step in decided.decision.steps:
            if isinstance(step, HangUpCall):
                await hang_up(rt, step)
            if isinstance(step, PauseRun):
                facts = {"run": str(decided.before.run.id), "code": step.code, "why": step.error}
                rt.alarms.sound("run paused", "a run is paused: the carrier refuses", **facts)


def _count_reached(decided: Decided) -> None:
    before, after = decided.before.facts.outcome, decided.decision.recipient.outcome
    if after is Outcome.REACHED and before is not Outcome.REACHED:
        metrics.people_reached.labels(decided.before.run.mode).inc()


def _ring_when_due(rt: Runtime, decided: Decided) -> None:
    after = decided.decision.recipient
    if after.state is RecipientState.ENDED:
        rt.bells.close_runs.set()
    elif after.due_at is not None and after != decided.before.facts:
        wait = (after.due_at - rt.clock()).total_seconds()
        asyncio.get_running_loop().call_later(max(0.0, wait), rt.bells.feed.set)


async def hang_up(rt: Runtime, step: HangUpCall) -> None:
    """Never raises: what was decided is stored, and the call ends by itself too."""
    try:
        async with rt.database.reading() as tx:
            attempt = await attempts.get(tx, step.attempt_id)
        if attempt is not None and attempt.facts.sid is not None and attempt.mode in rt.networks:
            await rt.networks[attempt.mode].carrier.hang_up(attempt.facts.sid)
    except TemporaryError as error:
        log.warning("hanging up failed; the call goes on until it ends", attempt=str(step.attempt_id), why=str(error))


def next_ask_at(attempt: Attempt, policy: Policy, settings: Settings, now: datetime) -> datetime | None:
    """When the reconciler looks at this attempt if nothing is heard of it; None when it is closed.

    An unknown one of which something is heard that settles nothing is given the whole time again, never less.
    """
    match attempt.state:
        case AttemptState.CLOSED:
            return None
        case AttemptState.CLAIMED:
            return now + timedelta(seconds=settings.carrier_timeout_sec + CLAIM_MARGIN_SECONDS)
        case AttemptState.UNKNOWN:
            return now + timedelta(seconds=settings.unknown_first_list_sec)
        case AttemptState.PLACED if attempt.status is CallStatus.IN_PROGRESS:
            return now + timedelta(seconds=settings.answered_silence_sec)
        case _:
            return now + timedelta(seconds=policy.ring_timeout_seconds + settings.reconcile_after_sec)
