"""When and where a person is rung next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gdial.dialing.model import Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.states import Outcome, Reason, RecipientState, RunState

NUMBER_IN_USE_WAIT_SECONDS = 5
PUT_OFF_WAITS_SECONDS = (2, 4, 8, 15, 30, 60)
MOST_FEEDS = 5


def first_number(recipient: Recipient) -> int | None:
    """Index of the first number that can be rung; None when there is none."""
    return _next_good(recipient, 0)


def redial(recipient: Recipient, result: Reason, policy: Policy, now: datetime) -> Recipient:
    """The person after an attempt that did not reach them: waiting for the next turn, or ended."""
    if recipient.run_state is RunState.STOPPED:
        return end(recipient, Outcome.STOPPED, Reason.STOPPED)
    later = _next_good(recipient, recipient.number_index + 1)
    if later is not None:
        wait = 0 if result is Reason.BAD_NUMBER else policy.wait_between_numbers_seconds
        return wait_until(replace(recipient, number_index=later), now + timedelta(seconds=wait))
    again = first_number(recipient)
    if again is None or recipient.round + 1 >= policy.rounds:
        return end(recipient, Outcome.NOT_REACHED, result)
    due_at = now + timedelta(seconds=policy.wait_between_rounds_seconds)
    return wait_until(replace(recipient, round=recipient.round + 1, number_index=again), due_at)


def repeat(recipient: Recipient, wait_seconds: float, now: datetime) -> Recipient:
    """The same number again: the last attempt certainly did not ring."""
    if recipient.run_state is RunState.STOPPED:
        return end(recipient, Outcome.STOPPED, Reason.STOPPED)
    return wait_until(recipient, now + timedelta(seconds=wait_seconds))


def put_off_seconds(refusals: int, asked_for_seconds: float | None) -> float:
    """Growing pauses, never more than a minute, never less than what the carrier asked for within that."""
    step = PUT_OFF_WAITS_SECONDS[min(refusals, len(PUT_OFF_WAITS_SECONDS) - 1)]
    return min(max(step, asked_for_seconds or 0), PUT_OFF_WAITS_SECONDS[-1])


def wait_until(recipient: Recipient, due_at: datetime) -> Recipient:
    """Waiting for `due_at`, unless the run's time is up by then."""
    if recipient.deadline_at is not None and due_at >= recipient.deadline_at:
        return end(recipient, Outcome.NOT_REACHED, Reason.DEADLINE)
    return replace(recipient, state=RecipientState.WAITING, due_at=due_at, feeds=0)


def wait_longer(recipient: Recipient, due_at: datetime) -> Recipient:
    """Waiting for `due_at`, or for as long as before where that is later."""
    return wait_until(recipient, max(due_at, recipient.due_at or due_at))


def end(recipient: Recipient, outcome: Outcome, reason: Reason) -> Recipient:
    return replace(recipient, state=RecipientState.ENDED, outcome=outcome, reason=reason, due_at=None, feeds=0)


def _next_good(recipient: Recipient, start: int) -> int | None:
    return next((i for i in range(start, len(recipient.numbers)) if not recipient.numbers[i].is_bad), None)
