"""The first word of a call that nobody needs any more.

While it was on its way to the carrier, the person may have been reached by another call, or the run stopped with its
calls. Or the attempt was given up as never placed and its call lives after all: its worker stood still between claim
and request, or the carrier's list lagged. Such an attempt stays closed, because another may be open; what is left is to
keep the person from being rung twice at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from gdial.dialing.model import Attempt, Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.redial import wait_longer
from gdial.dialing.states import CallStatus, Outcome, RecipientState
from gdial.dialing.steps import HangUpCall


def meet_call(
    recipient: Recipient, before: Attempt, status: CallStatus, policy: Policy, now: datetime
) -> tuple[Recipient, tuple[HangUpCall, ...]]:
    """Who waits is not rung while a call given up may ring; a call beside another, or after one that was enough, ends.

    `before`: the attempt as it was when this word came. One that has been answered is left to the person who listens,
    unless the operator has said otherwise: a key on it still counts.
    """
    if before.sid is not None or status.is_final:
        return recipient, ()
    if recipient.run_hangs_up:
        return recipient, (HangUpCall(before.id),)
    if recipient.state is RecipientState.WAITING:
        seconds = policy.ring_timeout_seconds + policy.wait_between_numbers_seconds
        return wait_longer(recipient, now + timedelta(seconds=seconds)), ()
    is_beside_another = recipient.open_attempt_id not in (None, before.id)
    is_too_late = recipient.outcome is Outcome.REACHED and recipient.answer_attempt_id != before.id
    if (is_beside_another or is_too_late) and status is not CallStatus.IN_PROGRESS:
        return recipient, (HangUpCall(before.id),)
    return recipient, ()
