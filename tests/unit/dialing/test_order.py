"""With few lines and a feeder that goes by turn, everybody's first number is rung before anybody's second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from gdial.dialing.decide import may_be_dialled
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus, RecipientState
from tests.unit.dialing.world import World


@settings(settings.get_profile("dialing"), max_examples=50)
@given(
    numbers_each=st.lists(st.integers(1, 3), min_size=1, max_size=12),
    rounds=st.integers(1, 3),
    lines=st.integers(1, 6),
    seed=st.integers(0, 2**32),
)
def test_first_numbers_go_first(numbers_each: Sequence[int], rounds: int, lines: int, seed: int) -> None:
    lists = [[f"+46{who:04}{index:05}" for index in range(count)] for who, count in enumerate(numbers_each)]
    world = World(lists, Policy(rounds=rounds, deadline_minutes=10_080))
    rung = ring_everybody(world, lines, Random(seed))
    assert len(rung) == sum(numbers_each) * rounds
    first_turns = [place for place, turn in enumerate(rung) if turn == 0]
    assert first_turns == list(range(len(lists)))


def ring_everybody(world: World, lines: int, random: Random) -> list[int]:
    """The turns in the order in which they were rung; nobody ever answers."""
    turns = []
    while any(person.state is not RecipientState.ENDED for person in world.people):
        due = [who for who in range(len(world.people)) if may_be_dialled(world.load(who), world.now)]
        if due and len(world.open_attempts()) < lines:
            who = min(due, key=lambda who: (world.people[who].turn, world.people[who].due_at, who))
            turns.append(world.people[who].turn)
            world.ring(who)
            world.accept(world.placing[0])
            continue
        world.now += timedelta(seconds=random.uniform(0.5, 10))
        for call in world.live_calls():
            if random.random() < 0.4:
                world.progress(call, random.choice([CallStatus.BUSY, CallStatus.NO_ANSWER, CallStatus.FAILED]))
                world.hear(world.said[-1])
    return turns
