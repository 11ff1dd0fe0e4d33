"""What must hold at every moment, and on the way from one to the next; told as a sentence when it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gdial.dialing.states import AttemptState, Outcome, RecipientState, RunState
from tests.model.shell import KEY
from tests.model.state import State

WORTH = {None: 0, Outcome.STOPPED: 1, Outcome.NOT_REACHED: 2, Outcome.REACHED: 3}


def broken_at(state: State) -> str | None:
    """The first promise that does not hold at this moment, in words; None when all do."""
    return next((said for look in PROMISES for said in look(state)), None)


def nobody_is_lost(state: State) -> Iterator[str]:
    """Promise 1: somebody holds each person at every moment."""
    for who, person in enumerate(state.people):
        own = [index for index in state.open_attempts() if state.tried[index].who == who]
        held = [state.tried[index].facts.id for index in own]
        if held != ([person.open_attempt_id] if person.open_attempt_id else []):
            yield f"promise 1: person {who} is held by {person.open_attempt_id}, but open are {held}"
        if person.state is RecipientState.WAITING and person.due_at is None:
            yield f"promise 1: person {who} waits for nothing"
        if person.state is RecipientState.CALLING and person.open_attempt_id is None:
            yield f"promise 1: person {who} is being called by no attempt"
        if (person.state is RecipientState.ENDED) is not (person.outcome is not None):
            yield f"promise 1: person {who} is {person.state} with outcome {person.outcome}"


def nobody_is_rung_twice(state: State) -> Iterator[str]:
    """Promise 2: one call a turn, one call a number and a person at a time, none after a key."""
    turns = Counter(
        (tried.who, tried.round, tried.facts.number_index)
        for tried in (state.tried[call.attempt] for call in state.calls)
    )
    for (who, round_, place), calls in turns.items():
        if calls > 1:
            yield f"promise 2: number {place} of person {who} was rung {calls} times in round {round_}"
    live = [state.calls[index].attempt for index in state.live_calls()]
    for number, at_once in Counter(state.number_of(attempt) for attempt in live).items():
        if at_once > 1:
            yield f"promise 2: {number} is being rung by {at_once} calls"
    for person, at_once in Counter(state.tried[attempt].who for attempt in live).items():
        if at_once > 1:
            yield f"promise 2: person {person} is being rung by {at_once} calls"
    for call in state.calls:
        if state.tried[call.attempt].was_answered:
            yield f"promise 2: person {state.tried[call.attempt].who} was rung after their key was acknowledged"


def a_key_says_so(state: State) -> Iterator[str]:
    """Promise 3: reached is who pressed a key that was acknowledged, and nobody else."""
    pressed = {state.tried[heard.attempt].who for heard in state.heard if heard.word == KEY}
    for who, person in enumerate(state.people):
        if state.has_answered(who) and person.outcome is not Outcome.REACHED:
            yield f"promise 3: the key of person {who} was acknowledged, but the outcome is {person.outcome}"
        if person.outcome is Outcome.REACHED and who not in pressed:
            yield f"promise 3: person {who} counts as reached without a key"


def broken_between(before: State, state: State) -> str | None:
    """Promise 4, which is about two moments: nothing that was is undone."""
    return next(_undone(before, state), None)


def _undone(before: State, state: State) -> Iterator[str]:
    for who, (was, person) in enumerate(zip(before.people, state.people, strict=True)):
        if WORTH[person.outcome] < WORTH[was.outcome]:
            yield f"promise 4: person {who} was {was.outcome} and is {person.outcome}"
        if was.answer is not None and person.answer != was.answer:
            yield f"promise 4: person {who} answered {was.answer}, now it is {person.answer}"
    for index, old in enumerate(before.tried):
        new = state.tried[index]
        if old is new:
            continue
        if old.facts.state is AttemptState.CLOSED and new.facts.state is not AttemptState.CLOSED:
            yield f"promise 4: attempt {index} was closed and is {new.facts.state}"
        if old.facts.sid not in (None, new.facts.sid):
            yield f"promise 4: attempt {index} was {old.facts.sid} and is {new.facts.sid}"


def stop_means_stop(state: State) -> Iterator[str]:
    """Promise 5."""
    for index, tried in enumerate(state.tried):
        if tried.run_was is not RunState.RUNNING:
            yield f"promise 5: attempt {index} was claimed while the run was {tried.run_was}"


def a_bad_number_is_left_alone(state: State) -> Iterator[str]:
    """No promise of its own: what the carrier said of a number counts for everybody who has it."""
    for index, tried in enumerate(state.tried):
        if tried.was_bad:
            yield f"bad number: attempt {index} was claimed to one that was known to be bad"


PROMISES = (nobody_is_lost, nobody_is_rung_twice, a_key_says_so, stop_means_stop, a_bad_number_is_left_alone)
