"""Breadth first through every state there is: a broken promise comes with the shortest story that leads to it."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from gdial.dialing.decide import may_be_dialled
from gdial.dialing.model import NumberToRing, Recipient
from gdial.dialing.states import CallStatus, RecipientState, RunState
from tests.model.moves import Move, Moves
from tests.model.promises import broken_at, broken_between
from tests.model.shell import with_call
from tests.model.state import NOW, Create, State, after, next_moment

LONGEST_ENDING = 400


@dataclass
class Found:
    """`depth`: moves from the beginning to the last state. `is_complete`: no state is left that was not looked at."""

    states: int = 0
    moves: int = 0
    depth: int = 0
    is_complete: bool = False
    broken: str | None = None
    story: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        reach = "all of them" if self.is_complete else f"all within {self.depth} moves"
        searched = f"{self.states} states ({reach}; {self.moves} moves; the longest way {self.depth})"
        if self.broken is None:
            return searched
        told = [f"{place:3}. {line}" for place, line in enumerate(self.story, start=1)]
        return "\n".join([f"{self.broken}, after {searched}:", *told])


def beginning(
    *numbers: Iterable[str],
    deadline_seconds: float | None = None,
    crashes: int = 0,
    refusals: int = 0,
    commands: int = 0,
    brakes: int = 0,
) -> State:
    """People who are due in a run that has just started, each with these numbers in order."""
    deadline_at = None if deadline_seconds is None else NOW + timedelta(seconds=deadline_seconds)
    people = tuple(
        Recipient(tuple(NumberToRing(number) for number in own), RunState.RUNNING, due_at=NOW, deadline_at=deadline_at)
        for own in numbers
    )
    return State(people, crashes_left=crashes, refusals_left=refusals, commands_left=commands, brakes_left=brakes)


class Search:
    """`most_states` bounds it: the last states found are then looked at, but what follows them is not."""

    def __init__(self, moves: Moves, start: State, most_states: int, most_moves: int | None = None) -> None:
        self._moves = moves
        self._most_states = most_states
        self._most_moves = most_moves
        self._came_from: dict[State, tuple[State, str] | None] = {start: None}
        self._ends_well: set[State] = set()
        self.found = Found(states=1)
        self._layer = [start]

    def run(self) -> Found:
        gc.disable()  # Nothing of it becomes garbage before the end.
        try:
            return self._run()
        finally:
            gc.enable()

    def _run(self) -> Found:
        found = self.found
        while self._layer and found.broken is None:
            if found.depth == self._most_moves:
                return found
            following: list[State] = []
            for state in self._layer:
                if not self._look_beyond(state, following):
                    return found
            self._layer = following
            found.depth += 1 if following else 0
        found.is_complete = found.broken is None
        return found

    def _look_beyond(self, state: State, following: list[State]) -> bool:
        """Whether to go on."""
        for said, then in self._moves.after(state):
            self.found.moves += 1
            broken = broken_between(state, then)
            if then in self._came_from and broken is None:
                continue
            self._came_from.setdefault(then, (state, said))
            broken, by_itself = (broken, []) if broken else self._how_it_ends(then)
            if broken is not None:
                self.found.broken = broken
                self.found.story = [*self._story(state), said, *by_itself]
                return False
            following.append(then)
            self.found.states += 1
            if self.found.states >= self._most_states:
                return False
        return True

    def _story(self, state: State) -> list[str]:
        told: list[str] = []
        came = self._came_from[state]
        while came is not None:
            state, said = came
            told.append(said)
            came = self._came_from[state]
        return told[::-1]

    def _how_it_ends(self, state: State) -> tuple[str | None, list[str]]:
        """From here on nothing is refused, but no callback comes and whoever was at work is gone. What breaks, and how
        it comes to that."""
        if broken := broken_at(state):
            return broken, []
        way: list[State] = []
        told = ["from here on it goes by itself: nobody who was at work goes on, and no callback comes"]
        now = state._replace(workers=frozenset(), askers=frozenset(), hang_ups=frozenset())
        while now not in self._ends_well:
            way.append(now)
            if _is_over(now):
                break
            said, then = self._next_good_thing(now)
            if then == now or len(way) > LONGEST_ENDING:
                return "promise 1: somebody waits for ever", [*told, f"{said}: {now.people}, the run is {now.run}"]
            told.append(said)
            if broken := broken_between(now, then) or broken_at(then):
                return broken, told
            now = then
        self._ends_well.update(way)
        return None, []

    def _next_good_thing(self, state: State) -> Move:
        for create in state.creates:
            arrived = self._moves.accept(state._replace(creates=state.creates - {create}), create)
            return f"the carrier takes the create of attempt {create.attempt}: a phone rings", arrived
        for index in state.live_calls():
            is_answered = state.calls[index].status is CallStatus.IN_PROGRESS
            ended = state.calls[index].becomes(CallStatus.COMPLETED if is_answered else CallStatus.NO_ANSWER)
            return f"call {index} ends: {ended.status}", with_call(state, index, ended)
        if state.run is RunState.PAUSED:
            return "the operator resumes the run", state._replace(run=RunState.RUNNING)
        for who in range(len(state.people)):
            if (swept := self._moves.shell.sweep(state, who)) is not None:
                return f"person {who} is told that the run is over", swept
        return self._work(state)

    def _work(self, state: State) -> Move:
        """A reconciler or a worker that nothing holds up; else the clock goes on to where there is work for one."""
        for index in state.open_attempts():
            if self._moves.shell.takes_up(state.tried[index]):
                return f"the carrier is asked about attempt {index}", self._asked(state, index)
        for who in range(len(state.people)):
            if may_be_dialled(self._moves.shell.load(state, who), NOW) and (rung := self._rung(state, who)) != state:
                return f"person {who} is rung, if the number is free", rung
        seconds = next_moment(state)
        if seconds is None:
            return "nothing will ever happen", state
        return f"{seconds:g} seconds pass", after(state, seconds)

    def _asked(self, state: State, index: int) -> State:
        state = self._moves.shell.take(state, index)
        while state.askers:
            (asker,) = state.askers
            *_, (_, state) = self._moves.ask(state, state._replace(askers=frozenset()), asker, "")
        return state

    def _rung(self, state: State, who: int) -> State:
        state = self._moves.shell.claim(state, who)
        for worker in state.workers:
            sent = state._replace(workers=frozenset({worker._replace(is_sent=True)}))
            accepted = self._moves.accept(sent, Create(worker.attempt, 0))
            (told,) = accepted.workers
            assert told.answer is not None
            return self._moves.record(accepted, told, told.answer)
        return state


def _is_over(state: State) -> bool:
    return all(person.state is RecipientState.ENDED for person in state.people) and not list(state.open_attempts())
