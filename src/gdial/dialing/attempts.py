"""What an event about an attempt does to the attempt and to its recipient."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gdial.dialing import events
from gdial.dialing.events import AttemptEvent
from gdial.dialing.first_word import meet_call
from gdial.dialing.model import Attempt, Recipient
from gdial.dialing.policy import Policy, ReachedWhen
from gdial.dialing.redial import end, put_off_seconds, redial, repeat
from gdial.dialing.states import AttemptState, CallStatus, Outcome, Reason, RecipientState, RunState
from gdial.dialing.steps import Decision, HangUpCall, MarkNumberBad, PauseRun, Step

RESULTS = {
    CallStatus.COMPLETED: Reason.NO_KEY,
    CallStatus.BUSY: Reason.BUSY,
    CallStatus.NO_ANSWER: Reason.NO_ANSWER,
    CallStatus.FAILED: Reason.FAILED,
    CallStatus.CANCELED: Reason.CANCELED,
}


def decide_attempt(recipient: Recipient, event: AttemptEvent, policy: Policy, now: datetime) -> Decision:
    match event:
        case events.CallAccepted():
            return _accept(recipient, event, policy, now)
        case events.PlacingLost():
            return Decision(recipient, _lose(event))
        case events.StatusHeard():
            return _hear_status(recipient, event, policy, now)
        case events.KeyPressed():
            return _hear_key(recipient, event)
        case _:
            return _never_rang(recipient, event, policy, now)


def _accept(recipient: Recipient, event: events.CallAccepted, policy: Policy, now: datetime) -> Decision:
    attempt = _take_sid(event.attempt, event.sid, event.status)
    after, steps = meet_call(recipient, event.attempt, event.status, policy, now)
    return Decision(after, attempt, steps)


def _take_sid(attempt: Attempt, sid: str, status: CallStatus) -> Attempt:
    """The attempt with the carrier's id. One that was given up stays closed: another may be open by now."""
    if attempt.sid is not None:
        return attempt
    state = AttemptState.PLACED if attempt.is_open else attempt.state
    first = CallStatus.QUEUED if status.is_final else status
    return replace(attempt, sid=sid, state=state, status=attempt.status or first, error="")


def _lose(event: events.PlacingLost) -> Attempt:
    if event.attempt.state is not AttemptState.CLAIMED:
        return event.attempt
    return replace(event.attempt, state=AttemptState.UNKNOWN, error=event.error)


def _never_rang(
    recipient: Recipient,
    event: events.NumberRefused | events.CallPutOff | events.AccountRefused | events.CallRefused | events.CallNeverWas,
    policy: Policy,
    now: datetime,
) -> Decision:
    """Edges on which the carrier certainly did not dial."""
    before = event.attempt
    if before.sid is not None or not before.is_open:
        return Decision(recipient, before)
    code, error = ("", Reason.NEVER_RANG.value) if isinstance(event, events.CallNeverWas) else (event.code, event.error)
    attempt = replace(
        before, state=AttemptState.CLOSED, status=CallStatus.FAILED, ended_at=now, error_code=code, error=error
    )
    after = _free(recipient, attempt)
    steps: tuple[Step, ...] = ()
    if isinstance(event, events.NumberRefused):
        after = after.mark_bad(attempt.number_index)
        steps = (MarkNumberBad(after.numbers[attempt.number_index], code),)
    elif isinstance(event, events.AccountRefused) and recipient.run_state is not RunState.STOPPED:
        steps = (PauseRun(code, error),)
    if after.state is RecipientState.CALLING:
        after = _try_again(after, event, policy, now)
    return Decision(after, attempt, steps)


def _try_again(recipient: Recipient, event: events.AttemptEvent, policy: Policy, now: datetime) -> Recipient:
    match event:
        case events.NumberRefused():
            return redial(recipient, Reason.BAD_NUMBER, policy, now)
        case events.CallPutOff():
            wait = put_off_seconds(recipient.refusals, event.retry_after_seconds)
            return repeat(replace(recipient, refusals=recipient.refusals + 1), wait, now)
        case events.CallRefused():
            return redial(recipient, Reason.CARRIER_REFUSED, policy, now)
        case _:
            return repeat(recipient, 0, now)


def _hear_status(recipient: Recipient, event: events.StatusHeard, policy: Policy, now: datetime) -> Decision:
    before = event.attempt
    if before.sid is not None and before.sid != event.sid:
        return Decision(recipient, before)
    attempt = _advance(_take_sid(before, event.sid, event.status), event, now)
    after = _count_answer(recipient, before, event, policy)
    if not before.is_open or attempt.is_open:
        met, steps = meet_call(after, before, event.status, policy, now)
        return Decision(met, attempt, (*steps, *_hang_up_others(recipient, met, attempt)))
    return _end(_free(after, attempt), attempt, event, policy, now)


def _end(freed: Recipient, attempt: Attempt, event: events.StatusHeard, policy: Policy, now: datetime) -> Decision:
    blamed, steps = _blame(freed, attempt, event)
    if blamed.state is not RecipientState.CALLING:
        return Decision(blamed, attempt, steps)
    if event.blames_account:
        return Decision(repeat(blamed, 0, now), attempt, steps)
    result = Reason.BAD_NUMBER if event.blames_number else RESULTS[event.status]
    return Decision(redial(replace(blamed, refusals=0), result, policy, now), attempt, steps)


def _blame(recipient: Recipient, attempt: Attempt, event: events.StatusHeard) -> tuple[Recipient, tuple[Step, ...]]:
    """What the end of a call says beyond that call."""
    if event.blames_number:
        marked = recipient.mark_bad(attempt.number_index)
        return marked, (MarkNumberBad(marked.numbers[attempt.number_index], event.error_code),)
    if event.blames_account and recipient.run_state is not RunState.STOPPED:
        return recipient, (PauseRun(event.error_code, event.error),)
    return recipient, ()


def _advance(attempt: Attempt, event: events.StatusHeard, now: datetime) -> Attempt:
    """A status of lower rank is late and a second final one is wrong: neither moves the attempt."""
    if event.status is CallStatus.IN_PROGRESS and attempt.answered_at is None:
        attempt = replace(attempt, answered_at=min(now, attempt.ended_at or now))
    is_late = attempt.status is not None and attempt.status.rank > event.status.rank
    if is_late or not attempt.is_open:
        return attempt
    if not event.status.is_final:
        return replace(attempt, status=event.status)
    ended_at = event.ended_at or now
    return replace(
        attempt,
        state=AttemptState.CLOSED,
        status=event.status,
        answered_at=min(attempt.answered_at, ended_at) if attempt.answered_at else None,
        ended_at=ended_at,
        error_code=event.error_code,
        error=event.error,
    )


def _count_answer(recipient: Recipient, before: Attempt, event: events.StatusHeard, policy: Policy) -> Recipient:
    """Where an answered call is enough, a person who lifts the receiver is reached; a machine is not a person.

    A call that has completed was judged by that word, which knew of a machine where an earlier one may not.
    """
    if before.status is CallStatus.COMPLETED:
        return recipient
    answered = event.status in (CallStatus.IN_PROGRESS, CallStatus.COMPLETED)
    by_machine = (event.answered_by or "").startswith(("machine", "fax"))
    if policy.reached_when is not ReachedWhen.ANSWERED or not answered or by_machine:
        return recipient
    if recipient.outcome is Outcome.REACHED:
        return recipient
    return end(recipient, Outcome.REACHED, Reason.ANSWERED)


def _hear_key(recipient: Recipient, event: events.KeyPressed) -> Decision:
    attempt = event.attempt
    if not event.is_listed or (attempt.answer_step is not None and attempt.answer_step >= event.step):
        return Decision(recipient, attempt)
    attempt = replace(attempt, digits=event.digit, answer_step=event.step)
    if recipient.answer is not None and recipient.answer_attempt_id != attempt.id:
        return Decision(recipient, attempt)
    reached = replace(
        end(recipient, Outcome.REACHED, Reason.KEY),
        answer=event.digit,
        answer_attempt_id=attempt.id,
        answer_step=event.step,
    )
    return Decision(reached, attempt, _hang_up_others(recipient, reached, attempt))


def _hang_up_others(before: Recipient, after: Recipient, attempt: Attempt) -> tuple[Step, ...]:
    """A late word on an old call may reach a person who is being rung again: that second call ends."""
    newly_reached = after.outcome is Outcome.REACHED and before.outcome is not Outcome.REACHED
    other = before.open_attempt_id
    return (HangUpCall(other),) if newly_reached and other is not None and other != attempt.id else ()


def _free(recipient: Recipient, attempt: Attempt) -> Recipient:
    """The recipient without this attempt as its open one."""
    if recipient.open_attempt_id != attempt.id:
        return recipient
    return replace(recipient, open_attempt_id=None)
