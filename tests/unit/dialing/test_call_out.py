"""Anything may happen at any time: whatever the order, nobody is lost and nobody is rung twice by our fault.

The state machine leaves out some rules in each run and shrinks well; the long walks have all of them mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gdial.dialing.policy import Policy
from tests.unit.dialing.play import DEEDS, LISTS, POLICIES, Play

Rule = TypeVar("Rule", bound=Callable[..., None])
CALLS = ["a_call", "a_call", "everybody_is_rung"]
DEED = st.one_of(
    [
        st.tuples(st.just(name), st.fixed_dictionaries(DEEDS[name]))
        for name in [*DEEDS, *CALLS, *CALLS, "a_word_arrives"]
    ]
)


@settings(settings.get_profile("dialing-walk"))
@given(LISTS, POLICIES, st.booleans(), st.lists(DEED, min_size=30, max_size=120))
def test_whatever_happens_nobody_is_lost_and_nobody_rung_twice(
    lists: Sequence[Sequence[str]], policy: Policy, shares: bool, deeds: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    play = Play(lists, policy, shares)
    for name, given_values in deeds:
        getattr(play, name)(**given_values)
        play.check()
    play.end()


def deed(name: str) -> Callable[[Rule], Rule]:
    arguments: Any = DEEDS[name]
    return cast(Callable[[Rule], Rule], rule(**arguments))


class CallOut(RuleBasedStateMachine):
    play: Play

    @initialize(lists=LISTS, policy=POLICIES, shares=st.booleans())
    def a_run_starts(self, lists: Sequence[Sequence[str]], policy: Policy, shares: bool) -> None:
        self.play = Play(lists, policy, shares)

    @deed("time_passes")
    def time_passes(self, seconds: float) -> None:
        self.play.time_passes(seconds)

    @deed("everybody_is_rung")
    def everybody_is_rung(self, is_due: bool, answer: str) -> None:
        self.play.everybody_is_rung(is_due, answer)

    @deed("a_call")
    def a_call(self, which: int, doing: str, heard: int) -> None:
        self.play.a_call(which, doing, heard)

    @deed("nothing_is_heard")
    def nothing_is_heard(self, which: int, what: str) -> None:
        self.play.nothing_is_heard(which, what)

    @deed("a_word_arrives")
    def a_word_arrives(self, how_long_ago: int) -> None:
        self.play.a_word_arrives(how_long_ago)

    @deed("all_words_arrive")
    def all_words_arrive(self, seed: int) -> None:
        self.play.all_words_arrive(seed)

    @deed("all_is_heard_again")
    def all_is_heard_again(self, how_many: int) -> None:
        self.play.all_is_heard_again(how_many)

    @deed("a_hiccup")
    def a_hiccup(self, which: int, hiccup: str) -> None:
        self.play.a_hiccup(which, hiccup)

    @deed("the_operator_says")
    def the_operator_says(self, command: str) -> None:
        self.play.the_operator_says(command)

    @deed("the_deadline_is_looked_at")
    def the_deadline_is_looked_at(self) -> None:
        self.play.the_deadline_is_looked_at()

    @invariant()
    def nobody_is_rung_twice_at_once(self) -> None:
        self.play.check()

    def teardown(self) -> None:
        if hasattr(self, "play"):
            self.play.end()


CallOut.TestCase.settings = settings.get_profile("dialing-machine")
TestCallOut = CallOut.TestCase
