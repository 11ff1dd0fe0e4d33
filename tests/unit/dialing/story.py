"""One person in one run, told event by event; the clock moves only when the story moves it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from gdial.dialing import events
from gdial.dialing.decide import begin, decide
from gdial.dialing.model import Attempt, NumberToRing, Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus, RunState
from gdial.dialing.steps import Dial, Step

FOUR_IN_THE_MORNING = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
MOBILE, HOME, WORK = "+46701740601", "+46317711101", "+46850012301"


class Story:
    """Stores what was decided, as the system would; telling an event returns what it lets out."""

    def __init__(self, *numbers: str, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self.now = FOUR_IN_THE_MORNING
        self.person = begin(
            Recipient(
                numbers=tuple(NumberToRing(number) for number in numbers),
                run_state=RunState.RUNNING,
                deadline_at=self.now + timedelta(minutes=self.policy.deadline_minutes),
            ),
            self.now,
        )
        self.calls: dict[UUID, Attempt] = {}
        self._ids = count(1)

    def happens(self, event: events.Event) -> tuple[Step, ...]:
        decision = decide(self.person, event, self.policy, self.now)
        self.person = decision.recipient
        if decision.attempt is not None:
            self.calls[decision.attempt.id] = decision.attempt
        return decision.steps

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def turn_comes(self) -> Dial | None:
        """What is rung when a worker holds a line for this person."""
        dials = self.happens(events.TurnCame(UUID(int=next(self._ids))))
        assert all(isinstance(step, Dial) for step in dials)
        return next((step for step in dials if isinstance(step, Dial)), None)

    def is_rung(self, number: str) -> UUID:
        """Waits for the turn, if need be; the carrier then takes the call."""
        call = self.is_claimed(number)
        self.happens(events.CallAccepted(self.calls[call], sid_of(call), CallStatus.QUEUED))
        return call

    def is_claimed(self, number: str) -> UUID:
        """As far as the claim: the carrier has not heard of it."""
        self.wait(max(0, self.due_in_seconds))
        dial = self.turn_comes()
        assert dial is not None, "nobody was rung"
        assert dial.number.number == number
        return dial.attempt_id

    def hears(self, call: UUID, *statuses: CallStatus, answered_by: str | None = None) -> tuple[Step, ...]:
        """What the last of these words let out."""
        steps: tuple[Step, ...] = ()
        for status in statuses:
            steps = self.happens(events.StatusHeard(self.calls[call], sid_of(call), status, answered_by=answered_by))
        return steps

    def presses(self, call: UUID, digit: str, *, step: int = 1, is_listed: bool = True) -> tuple[Step, ...]:
        return self.happens(events.KeyPressed(self.calls[call], step, digit, is_listed))

    def run_is(self, state: RunState) -> None:
        self.person = replace(self.person, run_state=state)

    @property
    def due_in_seconds(self) -> float:
        assert self.person.due_at is not None, f"nobody waits: {self.person.state}, {self.person.reason}"
        return (self.person.due_at - self.now).total_seconds()

    @property
    def next_number(self) -> str:
        return self.person.numbers[self.person.number_index].number

    def open_call(self) -> UUID | None:
        return self.person.open_attempt_id

    def ending(self) -> tuple[str, str] | None:
        """(outcome, reason), or None while it is open."""
        if self.person.outcome is None or self.person.reason is None:
            return None
        return self.person.outcome.value, self.person.reason.value


def sid_of(call: UUID) -> str:
    return f"CA{call.hex}"
