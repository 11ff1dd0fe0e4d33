"""Somebody who was rung, or is about to be, rings back: to answer by key counts as it does in a call of ours."""

from __future__ import annotations

from dataclasses import replace

from gdial.dialing.events import AnsweredByRingBack, RangBack
from gdial.dialing.model import Recipient
from gdial.dialing.policy import Policy, ReachedWhen
from gdial.dialing.redial import end
from gdial.dialing.states import Outcome, Reason
from gdial.dialing.steps import Decision, HangUpCall


def decide_ring_back(recipient: Recipient, event: RangBack | AnsweredByRingBack, policy: Policy) -> Decision:
    """Only ever reaches; an answer that was given stays. A call of ours that is open then is hung up."""
    after = _hear_key(recipient, event) if isinstance(event, AnsweredByRingBack) else _hear(recipient, policy)
    newly_reached = after.outcome is Outcome.REACHED and recipient.outcome is not Outcome.REACHED
    if newly_reached and recipient.open_attempt_id is not None:
        return Decision(after, steps=(HangUpCall(recipient.open_attempt_id),))
    return Decision(after)


def _hear(recipient: Recipient, policy: Policy) -> Recipient:
    """Where an answered call is enough, so is a person who rings to hear the message."""
    if policy.reached_when is not ReachedWhen.ANSWERED or recipient.outcome is Outcome.REACHED:
        return recipient
    return end(recipient, Outcome.REACHED, Reason.RANG_BACK)


def _hear_key(recipient: Recipient, event: AnsweredByRingBack) -> Recipient:
    if not event.is_listed or recipient.answer is not None:
        return recipient
    return replace(
        end(recipient, Outcome.REACHED, Reason.RANG_BACK),
        answer=event.digit,
        answer_attempt_id=event.call_id,
        answer_step=event.step,
    )
