"""What a run will take, told beforehand: right for what can be counted by hand, and never less than it can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.dialing.forecast import Conditions, count_crowd, forecast, lines_of
from gdial.dialing.model import NumberToRing
from gdial.dialing.policy import Policy, read_policy
from gdial.dialing.presets import PRESETS

ONE_A_SECOND = Conditions(per_second=1, lines=1000, message_seconds=15, answer_share=0.5)


def person(*numbers: str, bad: tuple[str, ...] = ()) -> list[NumberToRing]:
    return [NumberToRing(number, is_bad=number in bad) for number in numbers]


def test_the_crowd_is_counted_by_what_can_be_rung() -> None:
    crowd = count_crowd(
        [person("1", "2"), person("2"), person("3", bad=("3",)), person(), person("4", "5", bad=("5",))]
    )

    assert (crowd.people, crowd.can_be_rung, crowd.without_number, crowd.with_bad_numbers_only) == (5, 3, 1, 1)
    assert (crowd.numbers, crowd.bad_numbers, crowd.shared_numbers, crowd.most_numbers) == (4, 2, 1, 2)
    assert crowd.by_numbers == ((1, 2), (2, 1))


def test_the_pace_says_how_long_it_takes_until_all_were_tried() -> None:
    told = forecast(count_crowd([person(str(n)) for n in range(600)]), Policy(), ONE_A_SECOND)

    assert told.tried_once_seconds == pytest.approx(600 + 25)
    assert told.all_tried_in_time


def test_few_lines_hold_up_more_than_the_pace() -> None:
    few = Conditions(per_second=10, lines=9, message_seconds=15, answer_share=0.5)
    told = forecast(count_crowd([person(str(n)) for n in range(100)]), Policy(), few)

    # Half of them ring out in 25 s, half are picked up after 12 and listen for 20: 28.5 s a line.
    assert told.calls_per_second == pytest.approx(9 / 28.5)
    assert told.tried_once_seconds > 300


def test_more_people_than_the_deadline_allows_are_told_of() -> None:
    told = forecast(count_crowd([person(str(n)) for n in range(5000)]), Policy(deadline_minutes=60), ONE_A_SECOND)

    assert not told.all_tried_in_time
    assert told.is_cut_short
    assert told.longest_seconds == 3600


def test_calls_are_expected_until_somebody_answers() -> None:
    told = forecast(count_crowd([person("1"), person("2", "3")]), Policy(rounds=1), ONE_A_SECOND)

    # One call for the first; for the other one, and a second one in half of the cases.
    assert told.calls_expected == 3  # 2.5, rounded up
    assert told.calls_at_most == 3


def test_no_price_is_no_cost_and_minutes_count_as_they_begin() -> None:
    crowd = count_crowd([person("1"), person("2")])
    assert forecast(crowd, Policy(), ONE_A_SECOND).cost_expected is None

    long = Conditions(1, 10, message_seconds=70, answer_share=1, price_per_call=0.1, price_per_minute=0.5)
    told = forecast(crowd, Policy(rounds=2), long)
    assert told.cost_expected == pytest.approx(2 * (0.1 + 2 * 0.5))
    assert told.cost_at_most == pytest.approx(4 * (0.1 + 2 * 0.5))


def test_nobody_to_ring_takes_no_time() -> None:
    told = forecast(count_crowd([person()]), Policy(), ONE_A_SECOND)

    assert (told.tried_once_seconds, told.longest_seconds, told.calls_expected, told.calls_at_most) == (0, 0, 0, 0)


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=40),
    st.integers(1, 5),
    st.floats(0.1, 50),
    st.integers(1, 60),
    st.floats(0.01, 1),
)
def test_what_is_expected_is_never_more_than_the_most(
    numbers: list[int], rounds: int, pace: float, lines: int, share: float
) -> None:
    people = [person(*(f"{who}.{n}" for n in range(count))) for who, count in enumerate(numbers)]
    told = forecast(
        count_crowd(people), Policy(rounds=rounds), Conditions(pace, lines_of(1, lines), 20, share, price_per_minute=1)
    )

    assert told.crowd.can_be_rung <= told.calls_expected <= max(told.calls_at_most, told.crowd.can_be_rung)
    assert told.calls_per_second <= pace
    assert 0 <= told.longest_seconds <= 3600
    assert (told.cost_expected or 0) <= (told.cost_at_most or 0) + 0.01


def test_every_preset_is_a_policy() -> None:
    for preset in PRESETS.values():
        assert 1 <= preset.priority <= 10
        read_policy(preset.policy, Policy())
