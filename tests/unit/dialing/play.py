"""What can happen in a call-out, told in a word each; `which` picks one of those there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from gdial.dialing import events
from gdial.dialing.model import Recipient
from gdial.dialing.policy import Policy, ReachedWhen
from gdial.dialing.run import RunCommand
from gdial.dialing.states import AttemptState, CallStatus, Outcome, RunState
from tests.unit.dialing.world import World

Picked = TypeVar("Picked")
NUMBERS = [f"+4670174060{last}" for last in range(6)]
REFUSED = NUMBERS[5:]
LISTS = st.lists(
    st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=3) | st.lists(st.sampled_from(NUMBERS), max_size=1),
    min_size=2,
    max_size=4,
)
POLICIES = st.builds(
    Policy,
    ring_timeout_seconds=st.sampled_from([5, 25]),
    rounds=st.sampled_from([3, 2, 1]),
    wait_between_numbers_seconds=st.sampled_from([0, 5]),
    wait_between_rounds_seconds=st.sampled_from([0, 120]),
    reached_when=st.sampled_from(ReachedWhen),
    deadline_minutes=st.sampled_from([600, 60, 60, 1]),
)

WHICH = st.integers(0, 10_000)
ANSWERS = [
    "taken",
    "taken",
    "taken",
    "taken, unheard",
    "taken, unheard",
    "nothing yet",
    "put off",
    "account",
    "refused",
]
DOINGS = ["goes on", "goes on", "ends", "ends", "key 1", "key 2", "key 3", "another key", "machine", "completes"]
SILENCES = ["lost", "asked for", "asked for, and placed after all"]
HICCUPS = ["lost", "lost", "given back", "in use", "another run rings", "another SID", "another SID", "lost five times"]
COMMANDS = ["resume", "resume", "resume", "pause", "pause", "pause", "stop", "stop and hang up"]

DEEDS: dict[str, dict[str, SearchStrategy[Any]]] = {
    "time_passes": {"seconds": st.sampled_from([0.5, 2, 5, 30, 120])},
    "everybody_is_rung": {"is_due": st.sampled_from([True, True, True, False]), "answer": st.sampled_from(ANSWERS)},
    "a_call": {"which": WHICH, "doing": st.sampled_from(DOINGS), "heard": st.integers(0, 2)},
    "nothing_is_heard": {"which": WHICH, "what": st.sampled_from(SILENCES)},
    "a_word_arrives": {"how_long_ago": st.integers(0, 3) | WHICH},
    "all_words_arrive": {"seed": WHICH},
    "all_is_heard_again": {"how_many": WHICH},
    "a_hiccup": {"which": WHICH, "hiccup": st.sampled_from(HICCUPS)},
    "the_operator_says": {"command": st.sampled_from(COMMANDS)},
    "the_deadline_is_looked_at": {},
    "somebody_rings_back": {"which": WHICH, "key": st.sampled_from(["", "1", "2", "3"])},
}
"""Each a method of Play, with what it may be given."""


class Play:
    def __init__(self, lists: Sequence[Sequence[str]], policy: Policy, shares_bad_numbers: bool) -> None:
        self.world = World(lists, policy, REFUSED, shares_bad_numbers=shares_bad_numbers)
        self.world.run = RunState.SCHEDULED
        for who in range(len(lists)):
            self.world.ring(who)
        assert not self.world.attempts
        self.world.command(RunCommand.START)

    def time_passes(self, seconds: float) -> None:
        self.world.now += timedelta(seconds=seconds)

    def everybody_is_rung(self, is_due: bool, answer: str) -> None:
        """When the next of them is due and the run goes on; or too early, and perhaps paused."""
        due = [person.due_at for person in self.world.people if person.due_at]
        if is_due and due:
            self.world.now = max(self.world.now, min(due))
            self.world.command(RunCommand.RESUME)
        for who in range(len(self.world.people)):
            self.world.ring(who)
        if answer != "nothing yet":
            for place, attempt_id in enumerate(list(self.world.placing)):
                self._answer_the_create(attempt_id, answer, [None, 1.0, 20.0, 300.0][place % 4])

    def _answer_the_create(self, attempt_id: UUID, answer: str, retry_after: float | None) -> None:
        attempt = self.world.attempts[attempt_id]
        if answer == "put off":
            self.world.refuse(events.CallPutOff(attempt, "20429", "too many requests", retry_after))
        elif answer == "account":
            self.world.refuse(events.AccountRefused(attempt, "20003", "authenticate"))
        elif answer == "refused":
            self.world.refuse(events.CallRefused(attempt, "21999", "for no known reason"))
        elif self.world.number_of(attempt) in REFUSED:
            self.world.refuse(events.NumberRefused(attempt, "21211", "not a valid phone number"))
        else:
            self.world.accept(attempt_id, is_heard=answer == "taken")

    def a_call(self, which: int, doing: str, heard: int) -> None:
        """The last `heard` words are heard of at once, the latest first; the others later, or never."""
        calls = self.world.live_calls() or list(self.world.calls.values())
        if not calls:
            return
        call = pick(calls, which)
        if doing == "goes on":
            self.world.go_on(call, which)
        elif doing == "ends":
            self.world.end(call)
        else:
            call.machine = "machine_start" if doing == "machine" else None
            self.world.answer(call)
            if "key" in doing:
                digit, is_next_step = doing[-1] if doing[-1].isdigit() else "2", doing != "another key"
                self.world.press(call, digit, is_next_step=is_next_step, is_listed=digit != "3")
            else:
                self.world.end(call)
        for word in reversed(self.world.said[len(self.world.said) - heard :]):
            self.world.hear(word)

    def nothing_is_heard(self, which: int, what: str) -> None:
        """The reconciler asks also while a worker stands still between claim and request: it may yet place the call."""
        if not self.world.open_attempts():
            return
        attempt_id = pick(self.world.open_attempts(), which)
        if what == "lost":
            self.world.hear(events.PlacingLost(self.world.attempts[attempt_id], "no answer within 10 s"))
        else:
            self.world.reconcile(attempt_id)
        if what == "asked for, and placed after all" and attempt_id in self.world.placing:
            self._answer_the_create(attempt_id, pick(["taken", "taken, unheard"], which), None)

    def a_word_arrives(self, how_long_ago: int) -> None:
        """Any word ever said: late, doubled, swapped, or never when it is not picked."""
        if self.world.said:
            self.world.hear(self.world.said[-1 - how_long_ago % len(self.world.said)])

    def all_words_arrive(self, seed: int) -> None:
        """In any order."""
        for word in Random(seed).sample(self.world.said, len(self.world.said)):
            self.world.hear(word)

    def all_is_heard_again(self, how_many: int) -> None:
        """All that was heard so far, or the beginning of it."""
        for event in self.world.heard[: 1 + how_many % max(1, len(self.world.heard))]:
            self._changes_nothing(event)

    def _changes_nothing(self, event: events.AttemptEvent) -> None:
        attempt_id = event.attempt.id
        before = self.world.load(self.world.owners[attempt_id]), self.world.attempts[attempt_id]
        decision = self.world.hear(event)
        self.world.heard.pop()
        assert (decision.recipient, decision.attempt) == before
        assert decision.steps == ()

    def a_hiccup(self, which: int, hiccup: str) -> None:
        who = which % len(self.world.people)
        match hiccup:
            case "lost" | "lost five times":
                for _ in range(1 if hiccup == "lost" else 5):
                    self.world.lose_feed(who)
            case "given back":
                self.world.tell(who, events.FeedReturned())
            case "in use":
                self.world.tell(who, events.NumberWasInUse())
            case "another run rings":
                self.world.rung_by_others = {pick(NUMBERS, which)} - set(self.world.numbers_being_rung())
            case "another SID":
                for attempt in [attempt for attempt in self.world.attempts.values() if attempt.sid]:
                    status = pick(list(CallStatus), which)
                    self._changes_nothing(events.StatusHeard(attempt, "CA-of-somebody-else", status))

    def the_operator_says(self, command: str) -> None:
        if "stop" not in command:
            if self.world.run is not RunState.STOPPED:
                self.world.command(RunCommand(command))
        elif len(self.world.attempts) > len(self.world.people):
            self.world.command(RunCommand.STOP, hang_up=command == "stop and hang up")
            for person in self.world.people:
                assert person.outcome is not None or person.open_attempt_id is not None

    def the_deadline_is_looked_at(self) -> None:
        for who in range(len(self.world.people)):
            self.world.tell(who, events.DeadlinePassed())
        if self.world.now >= self.world.deadline_at:
            assert all(person.due_at is None for person in self.world.people)

    def somebody_rings_back(self, which: int, key: str) -> None:
        """Whenever they like, also while they are being rung or after all is over."""
        who, call_id = which % len(self.world.people), UUID(int=1_000_000 + which)
        self.world.tell(who, events.RangBack())
        if key:
            before = self.world.people[who]
            pressed = events.AnsweredByRingBack(call_id, 0, key, is_listed=key != "3")
            self.world.tell(who, pressed)
            after = self.world.people[who]
            assert (after.outcome is Outcome.REACHED) == (pressed.is_listed or before.outcome is Outcome.REACHED)
            assert self.world.tell(who, pressed).recipient == self.world.load(who)

    def check(self) -> None:
        """Nobody is rung twice at once."""
        rung = self.world.numbers_being_rung()
        assert len(rung) == len(set(rung))
        for who, person in enumerate(self.world.people):
            open_calls = [
                attempt_id for attempt_id in self.world.open_attempts() if self.world.owners[attempt_id] == who
            ]
            assert open_calls == ([person.open_attempt_id] if person.open_attempt_id else [])
            for attempt_id in open_calls:
                self._is_not_needless(person, attempt_id)

    def _is_not_needless(self, person: Recipient, attempt_id: UUID) -> None:
        """A call that the carrier has named rings on only while it may still reach somebody."""
        call = self.world.calls.get(attempt_id)
        if call is None or call.status.is_final or self.world.attempts[attempt_id].sid is None:
            return
        assert not self.world.hangs_up
        is_reached_otherwise = person.outcome is Outcome.REACHED and person.answer_attempt_id not in (None, attempt_id)
        assert not is_reached_otherwise or call.status is CallStatus.IN_PROGRESS

    def end(self) -> None:
        """Time goes on and all calls end: everybody has one outcome, the ledger balances, late words change nothing."""
        world = self.world
        world.settle()
        counts = world.counts()
        assert len(world.people) == sum(counts.values()) - counts[None]
        assert counts[None] == 0
        assert all(attempt.state is AttemptState.CLOSED for attempt in world.attempts.values())
        self.all_is_heard_again(len(world.heard) - 1)


def pick(some: Sequence[Picked], which: int) -> Picked:
    return some[which % len(some)]
