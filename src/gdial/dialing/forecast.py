"""What a call-out will take, told before it starts: time, calls and money. Arithmetic on what is known then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from gdial.dialing.model import NumberToRing
from gdial.dialing.pacing import lines_for
from gdial.dialing.policy import Policy

RING_BEFORE_ANSWER_SECONDS = 12.0
"""What a phone rings that somebody picks up, near enough: two or three rings."""
LISTENING_SECONDS = 5.0
"""From the end of the message to the key."""
SECONDS_BILLED_AT_ONCE = 60
"""Carriers bill an answered call by the minute that has begun."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What rings, and what it costs. `lines` are those that this run may use; `answer_share` (above 0, at most 1) of
    the calls are answered; prices are in any one currency."""

    per_second: float
    lines: int
    message_seconds: float
    answer_share: float
    price_per_call: float = 0.0
    price_per_minute: float = 0.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """Whom it would ring. `numbers` are those that can be rung, each as often as somebody has it; `shared_numbers` are
    had by several people. `most_numbers` is what one person has at most."""

    people: int
    can_be_rung: int
    without_number: int
    with_bad_numbers_only: int
    numbers: int
    bad_numbers: int
    shared_numbers: int
    most_numbers: int
    by_numbers: tuple[tuple[int, int], ...]
    """How many people have so many numbers that can be rung: (numbers, people), without those who have none."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """`tried_once_seconds`: until everybody has been rung once. `longest_seconds`: until the rounds are over if nobody
    is ever reached, never more than the deadline; `is_cut_short`: the deadline comes first. `calls_expected`:
    `answer_share` of the calls reach somebody; `calls_at_most`: nobody is reached. Costs are None without a price.

    NOT promised: any of it. Other runs take lines and pace, and people are people.
    """

    crowd: Crowd
    calls_per_second: float
    tried_once_seconds: float
    longest_seconds: float
    is_cut_short: bool
    all_tried_in_time: bool
    calls_expected: int
    calls_at_most: int
    cost_expected: float | None
    cost_at_most: float | None


def count_crowd(people: Sequence[Sequence[NumberToRing]]) -> Crowd:
    """Of the numbers of each person."""
    good = [len({it.number for it in numbers if not it.is_bad}) for numbers in people]
    owners = Counter(number for numbers in people for number in {it.number for it in numbers})
    return Crowd(
        people=len(people),
        can_be_rung=sum(count > 0 for count in good),
        without_number=sum(not numbers for numbers in people),
        with_bad_numbers_only=sum(bool(numbers) and not count for numbers, count in zip(people, good, strict=True)),
        numbers=sum(good),
        bad_numbers=len({it.number for numbers in people for it in numbers if it.is_bad}),
        shared_numbers=sum(count > 1 for count in owners.values()),
        most_numbers=max(good, default=0),
        by_numbers=tuple(sorted(Counter(count for count in good if count).items())),
    )


def lines_of(priority: int, lines: int) -> int:
    """How many lines a run of this priority may use when it is alone."""
    return max(1, lines_for(priority, lines))


def forecast(crowd: Crowd, policy: Policy, conditions: Conditions) -> Forecast:
    deadline_seconds = policy.deadline_minutes * 60.0
    per_second = _calls_per_second(policy, conditions)
    tried_once = crowd.can_be_rung / per_second + (policy.ring_timeout_seconds if crowd.can_be_rung else 0)
    longest = _longest_seconds(crowd, policy, conditions)
    expected, at_most = _calls_expected(crowd, policy, conditions.answer_share), crowd.numbers * policy.rounds
    return Forecast(
        crowd=crowd,
        calls_per_second=per_second,
        tried_once_seconds=tried_once,
        longest_seconds=min(longest, deadline_seconds),
        is_cut_short=longest > deadline_seconds,
        all_tried_in_time=tried_once <= deadline_seconds,
        calls_expected=ceil(round(expected, 6)),
        calls_at_most=at_most,
        cost_expected=_cost(expected, conditions, conditions.answer_share),
        cost_at_most=_cost(at_most, conditions, 1.0),
    )


def _calls_per_second(policy: Policy, conditions: Conditions) -> float:
    """The pace, or less where the lines are busy longer than that."""
    answered = min(RING_BEFORE_ANSWER_SECONDS, policy.ring_timeout_seconds) + _spoken_seconds(conditions)
    share = conditions.answer_share
    line_seconds = share * answered + (1 - share) * policy.ring_timeout_seconds
    return min(conditions.per_second, conditions.lines / line_seconds)


def _longest_seconds(crowd: Crowd, policy: Policy, conditions: Conditions) -> float:
    """A bound in the way of Graham's for lists of work: all calls one after the other at the worst pace, and then the
    rounds of one person who has the most numbers."""
    if not crowd.numbers:
        return 0.0
    line_seconds = policy.ring_timeout_seconds + _spoken_seconds(conditions)
    per_second = min(conditions.per_second, conditions.lines / line_seconds)
    a_round = crowd.most_numbers * line_seconds + (crowd.most_numbers - 1) * policy.wait_between_numbers_seconds
    one_person = policy.rounds * a_round + (policy.rounds - 1) * policy.wait_between_rounds_seconds
    return crowd.numbers * policy.rounds / per_second + one_person


def _calls_expected(crowd: Crowd, policy: Policy, share: float) -> float:
    """Calls until the first that reaches somebody, or until all rounds are over."""
    return sum(people * (1 - (1 - share) ** (numbers * policy.rounds)) / share for numbers, people in crowd.by_numbers)


def _spoken_seconds(conditions: Conditions) -> float:
    return conditions.message_seconds + LISTENING_SECONDS


def _cost(calls: float, conditions: Conditions, share: float) -> float | None:
    if not conditions.price_per_call and not conditions.price_per_minute:
        return None
    minutes = ceil(_spoken_seconds(conditions) / SECONDS_BILLED_AT_ONCE)
    return round(calls * (conditions.price_per_call + share * minutes * conditions.price_per_minute), 2)
