"""Says after every event whether the rules were kept.

Where a person's next call goes, and not before when, is reckoned here once more and in another way: as a place in the
flat list of all their turns, number by number and round by round.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gdial.dialing import events
from gdial.dialing.model import Attempt, Recipient
from gdial.dialing.policy import Policy, ReachedWhen
from gdial.dialing.states import AttemptState, CallStatus, Outcome, Reason, RecipientState, RunState
from gdial.dialing.steps import Decision, Dial, HangUpCall

WORTH = [None, Outcome.STOPPED, Outcome.NOT_REACHED, Outcome.REACHED]
PUT_OFF_PAUSES = [2, 4, 8, 15, 30, 60]


class Tally:
    """One person's turns as the referee counts them. `place` None: no turn is left."""

    def __init__(self, numbers: Sequence[str], rounds: int, starts_at: datetime) -> None:
        self.turns = [(round_, number) for round_ in range(rounds) for number in numbers]
        self.bad: set[str] = set()
        self.place: int | None = 0 if numbers else None
        self.not_before = starts_at
        self.put_offs = 0
        self.rung = 0

    def move_on(self, now: datetime, within_round: float, to_next_round: float) -> None:
        assert self.place is not None
        here = self.turns[self.place][0]
        later = [at for at in range(self.place + 1, len(self.turns)) if self.turns[at][1] not in self.bad]
        self.place = later[0] if later else None
        if self.place is not None:
            wait = within_round if self.turns[self.place][0] == here else to_next_round
            self.not_before = now + timedelta(seconds=wait)

    def is_at_a_bad_number(self) -> bool:
        return self.place is not None and self.turns[self.place][1] in self.bad


class Referee:
    def __init__(self, policy: Policy, lists: Sequence[Sequence[str]], starts_at: datetime) -> None:
        self.policy = policy
        self.tallies = [Tally(numbers, policy.rounds, starts_at) for numbers in lists]

    def judge(self, who: int, event: events.Event, before: Recipient, decision: Decision, now: datetime) -> None:
        after = decision.recipient
        _outcome_only_improves(before, after)
        _state_fits(after)
        _changes_no_more_than_it_may(event, before, decision)
        if isinstance(event, events.AttemptEvent):
            assert decision.attempt is not None
            _attempt_only_advances(event.attempt, decision.attempt)
            self._reaches_as_it_should(event, before, after)
            _hangs_up_what_is_needless(event, before, decision)
        self._reckon(self.tallies[who], event, before, decision, now)
        for step in decision.steps:
            if isinstance(step, Dial):
                self._dial_is_right(self.tallies[who], step, before, now)
        self._ending_is_right(self.tallies[who], before, after, now)
        assert self.tallies[who].rung <= len(self.tallies[who].turns)

    def _reaches_as_it_should(self, event: events.AttemptEvent, before: Recipient, after: Recipient) -> None:
        proves = isinstance(event, events.KeyPressed) and event.is_listed
        if isinstance(event, events.StatusHeard) and self.policy.reached_when is ReachedWhen.ANSWERED:
            proves = (
                event.status in (CallStatus.IN_PROGRESS, CallStatus.COMPLETED)
                and event.answered_by is None
                and event.attempt.status is not CallStatus.COMPLETED
                and event.attempt.sid in (None, event.sid)
            )
        assert (after.outcome is Outcome.REACHED) == (proves or before.outcome is Outcome.REACHED)

    def _reckon(self, tally: Tally, event: events.Event, before: Recipient, decision: Decision, now: datetime) -> None:
        policy, waited = self.policy, before.state is RecipientState.WAITING
        if isinstance(event, events.AttemptEvent) and decision.attempt is not None:
            if event.attempt.is_open and not decision.attempt.is_open:
                self._reckon_end(tally, event, now)
            elif waited and event.attempt.sid is None and decision.attempt.sid is not None and not is_final(event):
                hold = timedelta(seconds=policy.ring_timeout_seconds + policy.wait_between_numbers_seconds)
                tally.not_before = max(tally.not_before, now + hold)
        elif isinstance(event, events.NumberWasInUse) and waited:
            tally.not_before = max(tally.not_before, now + timedelta(seconds=5))
        elif isinstance(event, events.TurnCame) and tally.is_at_a_bad_number() and _could_be_dialled(before, now):
            tally.move_on(now, 0, policy.wait_between_rounds_seconds)
        after = decision.recipient
        if after.state is RecipientState.WAITING:
            assert tally.place == after.round * len(after.numbers) + after.number_index
            assert after.due_at == tally.not_before
            assert after.deadline_at is None or after.due_at < after.deadline_at

    def _reckon_end(self, tally: Tally, event: events.AttemptEvent, now: datetime) -> None:
        to_next_round = self.policy.wait_between_rounds_seconds
        match event:
            case events.StatusHeard():
                tally.rung, tally.put_offs = tally.rung + 1, 0
                tally.move_on(now, self.policy.wait_between_numbers_seconds, to_next_round)
            case events.CallRefused():
                tally.move_on(now, self.policy.wait_between_numbers_seconds, to_next_round)
            case events.NumberRefused():
                assert tally.place is not None
                tally.bad.add(tally.turns[tally.place][1])
                tally.move_on(now, 0, to_next_round)
            case events.CallPutOff():
                pause = PUT_OFF_PAUSES[min(tally.put_offs, 5)]
                asked_for = event.retry_after_seconds or 0
                tally.not_before = now + timedelta(seconds=min(60, max(pause, asked_for)))
                tally.put_offs += 1
            case _:
                tally.not_before = now

    def _dial_is_right(self, tally: Tally, dial: Dial, before: Recipient, now: datetime) -> None:
        assert before.run_state is RunState.RUNNING
        assert before.outcome is None
        assert before.open_attempt_id is None
        assert before.deadline_at is None or now < before.deadline_at
        assert tally.place is not None
        assert dial.number.number == tally.turns[tally.place][1]
        assert dial.number.number not in tally.bad
        assert now >= tally.not_before

    def _ending_is_right(self, tally: Tally, before: Recipient, after: Recipient, now: datetime) -> None:
        if before.outcome is not None or after.outcome is None or after.outcome is Outcome.REACHED:
            return
        assert after.open_attempt_id is None
        if after.outcome is Outcome.STOPPED:
            assert after.run_state is RunState.STOPPED
        elif after.reason is Reason.DEADLINE:
            assert after.deadline_at is not None
            assert max(now, tally.not_before) >= after.deadline_at
            assert tally.place is not None
        elif after.reason is Reason.INTERNAL:
            assert before.feeds == 5
        else:
            assert tally.place is None


def is_final(event: events.AttemptEvent) -> bool:
    return isinstance(event, events.StatusHeard | events.CallAccepted) and event.status.is_final


def _could_be_dialled(person: Recipient, now: datetime) -> bool:
    return (
        person.state is RecipientState.WAITING
        and person.run_state is RunState.RUNNING
        and person.due_at is not None
        and person.due_at <= now
        and (person.deadline_at is None or now < person.deadline_at)
    )


def _changes_no_more_than_it_may(event: events.Event, before: Recipient, decision: Decision) -> None:
    after = decision.recipient
    match event:
        case events.RunStopped():
            assert (after.outcome is None) == (before.state is RecipientState.CALLING)
            open_calls = [before.open_attempt_id] if event.hang_up and before.open_attempt_id else []
            assert list(decision.steps) == [HangUpCall(attempt_id) for attempt_id in open_calls]
        case events.FeedLapsed():
            is_lost = before.state is RecipientState.WAITING and before.run_state is RunState.RUNNING
            assert (after.outcome is not before.outcome) == (is_lost and before.feeds == 5)
        case events.FeedReturned() | events.DeadlinePassed() | events.NumberWasInUse():
            assert decision.steps == ()


def _hangs_up_what_is_needless(event: events.AttemptEvent, before: Recipient, decision: Decision) -> None:
    this, after = event.attempt.id, decision.recipient
    needless = set()
    is_newly_reached = after.outcome is Outcome.REACHED and before.outcome is not Outcome.REACHED
    if is_newly_reached and before.open_attempt_id not in (None, this):
        needless.add(before.open_attempt_id)
    if isinstance(event, events.CallAccepted | events.StatusHeard) and event.attempt.sid is None:
        is_beside_another = before.open_attempt_id not in (None, this)
        is_too_late = before.outcome is Outcome.REACHED and before.answer_attempt_id != this
        if (is_beside_another or is_too_late) and event.status.rank < CallStatus.IN_PROGRESS.rank:
            needless.add(this)
        if before.run_hangs_up and not event.status.is_final:
            needless.add(this)
    assert {step.attempt_id for step in decision.steps if isinstance(step, HangUpCall)} == needless


def _outcome_only_improves(before: Recipient, after: Recipient) -> None:
    assert WORTH.index(after.outcome) >= WORTH.index(before.outcome)
    if before.outcome is Outcome.REACHED and after.answer != before.answer and before.answer is not None:
        assert after.answer_attempt_id == before.answer_attempt_id
        assert (after.answer_step or 0) > (before.answer_step or 0)
    if before.answer is not None:
        assert after.answer is not None


def _state_fits(person: Recipient) -> None:
    assert (person.state is RecipientState.ENDED) == (person.outcome is not None) == (person.reason is not None)
    assert (person.state is RecipientState.WAITING) == (person.due_at is not None)
    if person.state is RecipientState.WAITING:
        assert person.open_attempt_id is None
    if person.state is RecipientState.CALLING:
        assert person.open_attempt_id is not None
    assert (person.answer is None) == (person.answer_attempt_id is None) == (person.answer_step is None)


def _attempt_only_advances(before: Attempt, after: Attempt) -> None:
    ways = list(AttemptState)
    assert before.id == after.id
    assert ways.index(after.state) >= ways.index(before.state)
    assert before.sid in (None, after.sid)
    assert (after.state is AttemptState.PLACED) <= (after.sid is not None)
    assert after.is_open == (after.ended_at is None)
    if not before.is_open:
        assert (after.status, after.ended_at) == (before.status, before.ended_at)
    if before.status is not None:
        assert after.status is not None
        assert after.status.rank >= before.status.rank
    if after.answered_at and after.ended_at:
        assert after.answered_at <= after.ended_at
