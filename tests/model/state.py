"""Everything there is at one moment of a very small call-out, as a value.

The moment is always NOW: time passes by drawing nearer what lies ahead, and what has passed lies at NOW. So two moments
from which the same can happen are equal, whatever the clock shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from gdial.carriers.base import Placing
from gdial.dialing.model import Attempt, Recipient
from gdial.dialing.states import AttemptState, CallStatus, RunState

TOO_LATE_BY_SECONDS = 1
NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


class Tried(NamedTuple):
    """An attempt as stored, and how the world stood at its claim. `ask_in_seconds`: until the reconciler looks."""

    facts: Attempt
    who: int
    round: int
    ask_in_seconds: float
    lists_read: int = 0
    run_was: RunState = RunState.RUNNING
    was_answered: bool = False
    was_bad: bool = False


class Worker(NamedTuple):
    """One that holds a claim, and may send for so many seconds, at zero still. `is_sent` once it has, `answer` as soon
    as it knows what came of it."""

    attempt: int
    margin_seconds: float
    is_sent: bool = False
    answer: Placing | None = None


class Asker(NamedTuple):
    """One who reconciles: what it saw of the attempt, and then what the carrier showed (None: not asked yet)."""

    attempt: int
    seen: Attempt
    lists_read: int
    shown: tuple[tuple[int, CallStatus], ...] | None = None


class Create(NamedTuple):
    """A request on its way, which the carrier takes within this time or never."""

    attempt: int
    within_seconds: float


class Call(NamedTuple):
    """A call as the carrier has it. `said`: every status it has been in. In its list after `listed_in_seconds`."""

    attempt: int
    listed_in_seconds: float
    status: CallStatus = CallStatus.RINGING
    said: tuple[CallStatus, ...] = (CallStatus.RINGING,)
    is_pressed: bool = False

    def becomes(self, status: CallStatus) -> Call:
        return self._replace(status=status, said=(*self.said, status))


class Heard(NamedTuple):
    """A word as GDial stores it: under which attempt, of which call, and what."""

    attempt: int
    call: int
    word: CallStatus | str


class State(NamedTuple):
    """`heard`: the words that are stored. `acknowledged`: the keys that the carrier got a 2xx for. `hang_ups`: attempts
    to be hung up, if the process lives so long. `rung_enough_seconds`: for so long the numbers are not to be rung
    again, because other runs ring them too. What is `left` may still happen."""

    people: tuple[Recipient, ...]
    run: RunState = RunState.RUNNING
    hangs_up: bool = False
    tried: tuple[Tried, ...] = ()
    workers: frozenset[Worker] = frozenset()
    askers: frozenset[Asker] = frozenset()
    creates: frozenset[Create] = frozenset()
    calls: tuple[Call, ...] = ()
    heard: frozenset[Heard] = frozenset()
    acknowledged: frozenset[int] = frozenset()
    hang_ups: frozenset[int] = frozenset()
    bad_numbers: frozenset[str] = frozenset()
    rung_enough_seconds: float = 0
    crashes_left: int = 0
    refusals_left: int = 0
    commands_left: int = 0
    brakes_left: int = 0

    def open_attempts(self) -> Iterator[int]:
        return (index for index, tried in enumerate(self.tried) if tried.facts.is_open)

    def live_calls(self) -> Iterator[int]:
        return (index for index, call in enumerate(self.calls) if not call.status.is_final)

    def has_answered(self, who: int) -> bool:
        """Whether a key of this person was acknowledged."""
        return any(self.tried[self.calls[call].attempt].who == who for call in self.acknowledged)

    def number_of(self, attempt: int) -> str:
        tried = self.tried[attempt]
        return self.people[tried.who].numbers[tried.facts.number_index].number


def attempt_id(index: int) -> UUID:
    return UUID(int=index + 1)


def index_of(attempt: UUID) -> int:
    return attempt.int - 1


def sid_of(call: int) -> str:
    return f"CA{call}"


def call_of(sid: str) -> int:
    return int(sid.removeprefix("CA"))


def next_moment(state: State) -> float | None:
    """Seconds until something changes by itself; None when nothing does, or an arriving create has to be dealt with."""
    ahead = [create.within_seconds for create in state.creates]
    if 0 in ahead:
        return None
    for person in state.people:
        ahead += [_seconds(moment) for moment in (person.due_at, person.deadline_at) if moment is not None]
    ahead += [tried.ask_in_seconds for tried in state.tried if tried.facts.state is not AttemptState.CLOSED]
    holding = [worker.margin_seconds for worker in state.workers if not worker.is_sent and worker.answer is None]
    ahead += [margin or TOO_LATE_BY_SECONDS for margin in holding]
    ahead += [call.listed_in_seconds for call in state.calls]
    ahead.append(state.rung_enough_seconds)
    return min((seconds for seconds in ahead if seconds > 0), default=None)


def after(state: State, seconds: float) -> State:
    return state._replace(
        people=tuple(_person_after(person, seconds) for person in state.people),
        tried=tuple(tried._replace(ask_in_seconds=max(0, tried.ask_in_seconds - seconds)) for tried in state.tried),
        workers=frozenset(
            worker._replace(margin_seconds=max(-TOO_LATE_BY_SECONDS, worker.margin_seconds - seconds))
            for worker in state.workers
        ),
        creates=frozenset(
            create._replace(within_seconds=max(0, create.within_seconds - seconds)) for create in state.creates
        ),
        calls=tuple(call._replace(listed_in_seconds=max(0, call.listed_in_seconds - seconds)) for call in state.calls),
        rung_enough_seconds=max(0, state.rung_enough_seconds - seconds),
    )


def _person_after(person: Recipient, seconds: float) -> Recipient:
    return replace(person, due_at=_nearer(person.due_at, seconds), deadline_at=_nearer(person.deadline_at, seconds))


def _nearer(moment: datetime | None, seconds: float) -> datetime | None:
    return None if moment is None else max(NOW, moment - timedelta(seconds=seconds))


def _seconds(moment: datetime) -> float:
    return (moment - NOW).total_seconds()
