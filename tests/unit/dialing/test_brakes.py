"""How often a number is rung, and how many runs start, within an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.dialing import events
from gdial.dialing.brakes import WINDOW, Starter, free_at, may_be_braked
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus, RunState
from tests.unit.dialing.story import FOUR_IN_THE_MORNING as NOW
from tests.unit.dialing.story import HOME, MOBILE, Story

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("started_by", "priority", "braked"),
    [
        (Starter.PROGRAM, 1, True),
        (Starter.PROGRAM, 7, True),
        (Starter.PROGRAM, 8, False),
        (Starter.JOB, 1, True),
        (Starter.JOB, 10, False),
        (Starter.OPERATOR, 1, False),
        (Starter.OPERATOR, 10, False),
    ],
)
def test_no_operator_and_nothing_urgent_is_braked(started_by: Starter, priority: int, braked: bool) -> None:
    assert may_be_braked(started_by, priority) is braked


def test_there_is_room_again_an_hour_after_the_oldest_of_as_many_as_may_be() -> None:
    latest = [NOW - 5 * MINUTE, NOW - 20 * MINUTE, NOW - 50 * MINUTE]
    assert free_at(latest, 4, NOW) is None
    assert free_at(latest, 3, NOW) == NOW + 10 * MINUTE
    assert free_at(latest, 1, NOW) == NOW + 55 * MINUTE
    assert free_at(latest, 0, NOW) is None, "0 is any number"
    assert free_at([NOW - WINDOW], 1, NOW) is None


@given(
    ages=st.lists(st.integers(-7_200, 7_200), max_size=40).map(sorted),
    most=st.integers(0, 20),
)
def test_nobody_waits_longer_than_the_hour_whatever_the_clock_did(ages: list[int], most: int) -> None:
    free = free_at([NOW - timedelta(seconds=age) for age in ages], most, NOW)
    assert free is None or NOW < free <= NOW + WINDOW


def test_a_number_that_was_rung_enough_waits_and_uses_up_no_turn() -> None:
    story = Story(MOBILE, policy=Policy(rounds=1))
    story.happens(events.NumberRungEnough(NOW + 20 * MINUTE))
    assert story.due_in_seconds == 20 * 60
    assert story.turn_comes() is None
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    assert story.ending() == ("not_reached", "busy")


def test_where_the_hour_outlasts_the_run_that_is_the_reason() -> None:
    story = Story(MOBILE, policy=Policy(deadline_minutes=15))
    story.happens(events.NumberRungEnough(NOW + 20 * MINUTE))
    assert story.ending() == ("not_reached", "rung too often this hour")


def test_a_number_that_somebody_else_found_bad_is_left_for_the_next() -> None:
    story = Story(MOBILE, HOME, policy=Policy(rounds=2))
    story.happens(events.NumberFoundBad())
    story.hears(story.is_rung(HOME), CallStatus.BUSY)
    story.hears(story.is_rung(HOME), CallStatus.BUSY)
    assert story.ending() == ("not_reached", "busy")


def test_brakes_that_come_too_late_change_nothing() -> None:
    story = Story(MOBILE)
    call = story.is_rung(MOBILE)
    before = story.person
    story.happens(events.NumberRungEnough(NOW + 20 * MINUTE))
    story.happens(events.NumberFoundBad())
    assert story.person == before
    story.run_is(RunState.RUNNING)
    story.presses(call, "1")
    assert story.ending() == ("reached", "key")
