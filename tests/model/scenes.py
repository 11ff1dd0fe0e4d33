"""The little call-outs that are searched: who is rung, and how much may go wrong in one life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gdial.dialing.policy import Policy
from tests.model.moves import Moves, Scope
from tests.model.search import Found, Search, beginning
from tests.model.shell import Shell

POLICY = Policy(rounds=1)
ANNA, HOME = "+46701740605", "+46313900601"


@dataclass(frozen=True)
class Scene:
    """`people`: each one's numbers. `left`: how many crashes, refusals, commands and brakes. `quick_moves`: how deep
    the quick search goes; 0 is to the end."""

    name: str
    people: Sequence[Sequence[str]] = ((ANNA,),)
    policy: Policy = POLICY
    scope: Scope = field(default_factory=Scope)
    left: dict[str, int] = field(default_factory=dict)
    deadline_seconds: float | None = None
    quick_moves: int = 0

    def search(self, shell: type[Shell] = Shell, most_states: int = 1_000_000, most_moves: int | None = None) -> Found:
        start = beginning(*self.people, deadline_seconds=self.deadline_seconds, **self.left)
        return Search(Moves(shell(self.policy), self.scope), start, most_states, most_moves).run()


ONE_AT_A_TIME = Scope(attempts=1, workers=1)
TWICE = Scope(attempts=2, workers=1)
SCENES = (
    Scene("one call, a crash", scope=ONE_AT_A_TIME, left={"crashes": 1}, quick_moves=12),
    Scene("a call and its repetition, a crash", scope=TWICE, left={"crashes": 1}, quick_moves=12),
    Scene("a refusal of any kind", scope=TWICE, left={"refusals": 1}, quick_moves=11),
    Scene("a command of any kind", scope=ONE_AT_A_TIME, left={"commands": 1}, quick_moves=10),
    Scene("two commands and a crash", scope=TWICE, left={"commands": 2, "crashes": 1}, quick_moves=7),
    Scene("two numbers", people=((ANNA, HOME),), scope=TWICE, left={"crashes": 1}, quick_moves=10),
    Scene("two people with one number", people=((ANNA,), (ANNA,)), scope=Scope(attempts=2), quick_moves=8),
    Scene(
        "two people with one number, a refusal",
        people=((ANNA,), (ANNA, HOME)),
        scope=TWICE,
        left={"refusals": 1},
        quick_moves=6,
    ),
    Scene("a number that is rung enough", scope=TWICE, left={"brakes": 1}, quick_moves=8),
    Scene("two reconcilers", scope=Scope(attempts=2, workers=1, askers=2), left={"crashes": 1}, quick_moves=10),
    Scene("a deadline", scope=TWICE, left={"crashes": 1}, deadline_seconds=90, quick_moves=10),
    Scene(
        "a second round",
        policy=Policy(rounds=2, wait_between_rounds_seconds=30),
        scope=TWICE,
        left={"crashes": 1},
        quick_moves=10,
    ),
)
