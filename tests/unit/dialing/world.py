"""A call-out in memory: what storage promises and no more, a carrier, and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from gdial.dialing import events
from gdial.dialing.decide import begin, decide, may_be_dialled
from gdial.dialing.model import Attempt, NumberToRing, Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.run import RunCommand, change_run
from gdial.dialing.states import AttemptState, CallStatus, Outcome, RecipientState, RunState
from gdial.dialing.steps import Decision, Dial, HangUpCall, MarkNumberBad, PauseRun
from tests.unit.dialing.referee import Referee
from tests.unit.dialing.story import FOUR_IN_THE_MORNING, sid_of

NEXT_STATUSES = {
    CallStatus.QUEUED: [CallStatus.INITIATED, CallStatus.RINGING, CallStatus.FAILED, CallStatus.CANCELED],
    CallStatus.INITIATED: [CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.BUSY, CallStatus.FAILED],
    CallStatus.RINGING: [CallStatus.IN_PROGRESS, CallStatus.BUSY, CallStatus.NO_ANSWER, CallStatus.CANCELED],
    CallStatus.IN_PROGRESS: [CallStatus.COMPLETED],
}


@dataclass
class Call:
    """What the carrier knows of a call, and what the phone's owner has done."""

    attempt_id: UUID
    status: CallStatus = CallStatus.QUEUED
    machine: str | None = None
    steps: int = 0


class World:
    """`shares_bad_numbers`: a number refused for one person is marked for all who have it."""

    def __init__(
        self,
        lists: Sequence[Sequence[str]],
        policy: Policy,
        refused: Collection[str] = (),
        *,
        shares_bad_numbers: bool = False,
    ) -> None:
        self.policy = policy
        self.refused = refused
        self.shares_bad_numbers = shares_bad_numbers
        self.now = FOUR_IN_THE_MORNING
        self.run = RunState.RUNNING
        self.hangs_up = False
        self.deadline_at = self.now + timedelta(minutes=policy.deadline_minutes)
        self.people = [begin(self._listed(numbers), self.now) for numbers in lists]
        self.attempts: dict[UUID, Attempt] = {}
        self.owners: dict[UUID, int] = {}
        self.placing: list[UUID] = []
        self.calls: dict[UUID, Call] = {}
        self.said: list[events.AttemptEvent] = []
        self.heard: list[events.AttemptEvent] = []
        self.rung_by_others: set[str] = set()
        self.referee = Referee(policy, lists, self.now)

    def _listed(self, numbers: Sequence[str]) -> Recipient:
        to_ring = tuple(NumberToRing(number) for number in numbers)
        return Recipient(numbers=to_ring, run_state=self.run, deadline_at=self.deadline_at)

    # -- what storage does --

    def load(self, who: int) -> Recipient:
        return replace(self.people[who], run_state=self.run, run_hangs_up=self.hangs_up)

    def tell(self, who: int, event: events.Event) -> Decision:
        before = self.load(who)
        decision = decide(before, event, self.policy, self.now)
        self.referee.judge(who, event, before, decision, self.now)
        self.people[who] = decision.recipient
        if decision.attempt is not None:
            self.attempts[decision.attempt.id] = decision.attempt
            self.owners[decision.attempt.id] = who
        for step in decision.steps:
            self._do(step)
        return decision

    def _do(self, step: object) -> None:
        match step:
            case Dial(attempt_id):
                self.placing.append(attempt_id)
            case HangUpCall(attempt_id):
                self._hang_up(attempt_id)
            case PauseRun():
                self.run = change_run(self.run, RunCommand.PAUSE)
            case MarkNumberBad(number):
                assert number.number in self.refused
                if self.shares_bad_numbers:
                    self._mark_for_all(number.number)

    def _mark_for_all(self, number: str) -> None:
        for who, person in enumerate(self.people):
            listed = [entry.number for entry in person.numbers]
            if number in listed:
                self.people[who] = person.mark_bad(listed.index(number))
                self.referee.tallies[who].bad.add(number)

    def ring(self, who: int) -> None:
        """A worker takes the person's turn; the unique indexes say whether number and person are free."""
        turn = events.TurnCame(UUID(int=len(self.attempts) + 1))
        decision = decide(self.load(who), turn, self.policy, self.now)
        dials = [step for step in decision.steps if isinstance(step, Dial)]
        if dials and self.is_in_use(dials[0].number.number):
            self.tell(who, events.NumberWasInUse())
        else:
            self.tell(who, turn)

    def is_in_use(self, number: str) -> bool:
        return number in self.rung_by_others or number in self.numbers_being_rung()

    def numbers_being_rung(self) -> list[str]:
        return [self.number_of(attempt) for attempt in self.attempts.values() if attempt.is_open]

    def number_of(self, attempt: Attempt) -> str:
        return self.people[self.owners[attempt.id]].numbers[attempt.number_index].number

    def lose_feed(self, who: int) -> None:
        """Fed as the feeder does, and nothing came of it."""
        if may_be_dialled(self.load(who), self.now):
            self.people[who] = replace(self.people[who], feeds=self.people[who].feeds + 1)
        self.tell(who, events.FeedLapsed())

    def command(self, command: RunCommand, *, hang_up: bool = False) -> None:
        self.run = change_run(self.run, command)
        if command is RunCommand.STOP:
            self.hangs_up = self.hangs_up or hang_up
            for who in range(len(self.people)):
                self.tell(who, events.RunStopped(hang_up=hang_up))

    # -- what the carrier does --

    def hear(self, event: events.AttemptEvent) -> Decision:
        """An event about an attempt, late or not: it carries the attempt as it is stored now."""
        attempt = self.attempts[event.attempt.id]
        self.heard.append(event)
        return self.tell(self.owners[attempt.id], replace(event, attempt=attempt))

    def accept(self, attempt_id: UUID, *, is_heard: bool = True) -> None:
        self.placing.remove(attempt_id)
        call = self.calls[attempt_id] = Call(attempt_id)
        accepted = events.CallAccepted(self.attempts[attempt_id], sid_of(attempt_id), call.status)
        self._say(accepted)
        if is_heard:
            self.hear(accepted)

    def refuse(self, event: events.AttemptEvent) -> None:
        """The create was not processed; the worker hears of it now, and perhaps again."""
        self.placing.remove(event.attempt.id)
        self._say(event)
        self.hear(event)

    def progress(self, call: Call, status: CallStatus) -> None:
        call.status = status
        self._say(self.word(call))

    def go_on(self, call: Call, which: int) -> None:
        if not call.status.is_final:
            self.progress(call, NEXT_STATUSES[call.status][which % len(NEXT_STATUSES[call.status])])

    def answer(self, call: Call) -> None:
        if call.status.rank < CallStatus.IN_PROGRESS.rank:
            self.progress(call, CallStatus.IN_PROGRESS)

    def end(self, call: Call) -> None:
        if not call.status.is_final:
            is_answered = call.status is CallStatus.IN_PROGRESS
            self.progress(call, CallStatus.COMPLETED if is_answered else CallStatus.NO_ANSWER)

    def word(self, call: Call) -> events.StatusHeard:
        """The word for the state that the call is in; only the last one knows of a machine."""
        machine = call.machine if call.status is CallStatus.COMPLETED else None
        attempt = self.attempts[call.attempt_id]
        return events.StatusHeard(attempt, sid_of(attempt.id), call.status, answered_by=machine)

    def press(self, call: Call, digit: str, *, is_next_step: bool, is_listed: bool) -> None:
        """Of a call that has ended as well: its word may have been under way."""
        if call.status not in (CallStatus.IN_PROGRESS, CallStatus.COMPLETED):
            return
        call.steps += 1 if is_next_step or call.steps == 0 else 0
        self._say(events.KeyPressed(self.attempts[call.attempt_id], call.steps, digit, is_listed))

    def live_calls(self) -> list[Call]:
        return [call for call in self.calls.values() if not call.status.is_final]

    def _say(self, event: events.AttemptEvent) -> None:
        self.said.append(event)

    def _hang_up(self, attempt_id: UUID) -> None:
        """Without the SID there is nothing that could be told to the carrier."""
        call = self.calls.get(attempt_id)
        if call is None or self.attempts[attempt_id].sid is None or call.status.is_final:
            return
        is_answered = call.status is CallStatus.IN_PROGRESS
        self.progress(call, CallStatus.COMPLETED if is_answered else CallStatus.CANCELED)

    # -- what the reconciler does --

    def reconcile(self, attempt_id: UUID) -> None:
        attempt, call = self.attempts[attempt_id], self.calls.get(attempt_id)
        if attempt.state is AttemptState.CLAIMED:
            self.hear(events.PlacingLost(attempt, "the process that placed it ended"))
        if call is None:
            self.hear(events.CallNeverWas(attempt))
            return
        if attempt.sid is None:
            self.hear(events.CallAccepted(attempt, sid_of(attempt_id), call.status))
        self.hear(self.word(call))

    def open_attempts(self) -> list[UUID]:
        return [attempt.id for attempt in self.attempts.values() if attempt.is_open]

    # -- as time goes on --

    def settle(self) -> None:
        """Every call ends, every number is free again, and the feeder goes on by turn until nobody waits."""
        self.rung_by_others.clear()
        if self.run is RunState.PAUSED:
            self.command(RunCommand.RESUME)
        for _ in range(1000):
            self._end_all_calls()
            waiting = [who for who, person in enumerate(self.people) if person.state is RecipientState.WAITING]
            if not waiting:
                break
            who = min(waiting, key=self._feeding_order)
            self.now = max(self.now, self.people[who].due_at or self.now)
            self.ring(who)
        else:
            raise AssertionError(f"somebody still waits: {self.people}")

    def _feeding_order(self, who: int) -> tuple[object, ...]:
        person = self.people[who]
        assert person.due_at is not None
        return max(person.due_at, self.now), person.turn, who

    def _end_all_calls(self) -> None:
        for attempt_id in list(self.placing):
            self.accept(attempt_id)
        for call in self.live_calls():
            self.end(call)
        for attempt_id in self.open_attempts():
            self.reconcile(attempt_id)

    def counts(self) -> dict[Outcome | None, int]:
        outcomes = [person.outcome for person in self.people]
        return {outcome: outcomes.count(outcome) for outcome in [*Outcome, None]}
