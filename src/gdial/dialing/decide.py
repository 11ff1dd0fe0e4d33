"""The one place that decides what becomes of a recipient.

Every function here is total: an event that comes late, twice or out of order changes nothing that is better already.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gdial.dialing import attempts, events
from gdial.dialing.events import Event
from gdial.dialing.model import Attempt, Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.redial import (
    MOST_FEEDS,
    NUMBER_IN_USE_WAIT_SECONDS,
    end,
    first_number,
    redial,
    wait_longer,
)
from gdial.dialing.ring_back import decide_ring_back
from gdial.dialing.states import Outcome, Reason, RecipientState, RunState
from gdial.dialing.steps import Decision, Dial, HangUpCall, Step


def decide(recipient: Recipient, event: Event, policy: Policy, now: datetime) -> Decision:
    """What becomes of this person after this event.

    Facts and `now` in, a value out; nothing is stored or sent here. Never raises for an event at the wrong time.
    Not promised: that `event.attempt` is brought up to date with anything but this event.
    """
    match event:
        case events.TurnCame():
            return _claim(recipient, event, policy, now)
        case events.NumberWasInUse():
            return _wait_for_the_line(recipient, now)
        case events.NumberFoundBad():
            return _leave_number(recipient, policy, now)
        case events.NumberRungEnough():
            return _wait_for_the_hour(recipient, event)
        case events.FeedLapsed():
            return _lapse(recipient)
        case events.FeedReturned():
            return _give_back(recipient)
        case events.DeadlinePassed():
            return _expire(recipient, now)
        case events.RunStopped():
            return _stop(recipient, event)
        case events.RangBack() | events.AnsweredByRingBack():
            return decide_ring_back(recipient, event, policy)
        case _:
            return attempts.decide_attempt(recipient, event, policy, now)


def begin(recipient: Recipient, now: datetime) -> Recipient:
    """A person as the run starts: due at `now`, or ended at once when no number can be rung."""
    first = first_number(recipient)
    if first is None:
        bad = any(number.is_bad for number in recipient.numbers)
        return end(recipient, Outcome.NOT_REACHED, Reason.BAD_NUMBER if bad else Reason.NO_NUMBER)
    return replace(recipient, number_index=first, due_at=now)


def may_be_dialled(recipient: Recipient, now: datetime) -> bool:
    """Whether a line may be used for this person now."""
    return (
        recipient.state is RecipientState.WAITING
        and recipient.run_state is RunState.RUNNING
        and recipient.open_attempt_id is None
        and recipient.due_at is not None
        and recipient.due_at <= now
    )


def _claim(recipient: Recipient, event: events.TurnCame, policy: Policy, now: datetime) -> Decision:
    if not may_be_dialled(recipient, now):
        return _give_back(recipient)
    if recipient.deadline_at is not None and now >= recipient.deadline_at:
        return _expire(recipient, now)
    if recipient.numbers[recipient.number_index].is_bad:
        return Decision(redial(recipient, Reason.BAD_NUMBER, policy, now))
    attempt = Attempt(id=event.attempt_id, number_index=recipient.number_index)
    calling = replace(
        recipient,
        state=RecipientState.CALLING,
        open_attempt_id=attempt.id,
        attempts=recipient.attempts + 1,
        due_at=None,
        feeds=0,
    )
    return Decision(calling, attempt, (Dial(attempt.id, recipient.numbers[recipient.number_index]),))


def _wait_for_the_line(recipient: Recipient, now: datetime) -> Decision:
    if recipient.state is not RecipientState.WAITING:
        return Decision(recipient)
    return Decision(wait_longer(recipient, now + timedelta(seconds=NUMBER_IN_USE_WAIT_SECONDS)))


def _leave_number(recipient: Recipient, policy: Policy, now: datetime) -> Decision:
    if recipient.state is not RecipientState.WAITING:
        return Decision(recipient)
    return Decision(redial(recipient.mark_bad(recipient.number_index), Reason.BAD_NUMBER, policy, now))


def _wait_for_the_hour(recipient: Recipient, event: events.NumberRungEnough) -> Decision:
    if recipient.state is not RecipientState.WAITING:
        return Decision(recipient)
    after = wait_longer(recipient, event.free_at)
    return Decision(after if after.outcome is None else replace(after, reason=Reason.RUNG_ENOUGH))


def _give_back(recipient: Recipient) -> Decision:
    """The doorbell did ring: a feed that came to nothing for a good reason is no fault of ours."""
    return Decision(replace(recipient, feeds=max(0, recipient.feeds - 1)))


def _lapse(recipient: Recipient) -> Decision:
    if recipient.run_state is not RunState.RUNNING:
        return _give_back(recipient)
    if recipient.state is RecipientState.WAITING and recipient.feeds >= MOST_FEEDS:
        return Decision(end(recipient, Outcome.NOT_REACHED, Reason.INTERNAL))
    return Decision(recipient)


def _expire(recipient: Recipient, now: datetime) -> Decision:
    over = recipient.deadline_at is not None and now >= recipient.deadline_at
    if over and recipient.state is RecipientState.WAITING:
        return Decision(end(recipient, Outcome.NOT_REACHED, Reason.DEADLINE))
    return Decision(recipient)


def _stop(recipient: Recipient, event: events.RunStopped) -> Decision:
    hangs_up = recipient.run_hangs_up or event.hang_up
    stopped = replace(recipient, run_state=RunState.STOPPED, run_hangs_up=hangs_up)
    if recipient.state is RecipientState.WAITING:
        return Decision(end(stopped, Outcome.STOPPED, Reason.STOPPED))
    steps: tuple[Step, ...] = ()
    if event.hang_up and recipient.open_attempt_id is not None:
        steps = (HangUpCall(recipient.open_attempt_id),)
    return Decision(stopped, steps=steps)
