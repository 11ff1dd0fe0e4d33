"""Who is not reached is rung on the next number and again later, as the policy says."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from gdial.dialing import events
from gdial.dialing.decide import begin
from gdial.dialing.model import NumberToRing, Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus, RunState
from gdial.dialing.steps import MarkNumberBad
from tests.unit.dialing.story import HOME, MOBILE, WORK, Story

NOT_ANSWERED = [CallStatus.BUSY, CallStatus.NO_ANSWER, CallStatus.FAILED, CallStatus.CANCELED]


def test_the_first_number_is_rung_as_soon_as_the_run_starts() -> None:
    story = Story(MOBILE, HOME)
    assert story.due_in_seconds == 0
    story.is_rung(MOBILE)


@pytest.mark.parametrize("status", NOT_ANSWERED)
def test_after_a_call_that_nobody_took_the_next_number_is_rung_five_seconds_later(status: CallStatus) -> None:
    story = Story(MOBILE, HOME)
    story.hears(story.is_rung(MOBILE), CallStatus.RINGING, status)
    assert (story.next_number, story.due_in_seconds) == (HOME, 5)
    story.wait(4.9)
    assert story.turn_comes() is None
    story.wait(0.1)
    story.is_rung(HOME)


def test_after_the_last_number_the_next_round_begins_with_the_first_two_minutes_later() -> None:
    story = Story(MOBILE, HOME)
    story.hears(story.is_rung(MOBILE), CallStatus.NO_ANSWER)
    story.hears(story.is_rung(HOME), CallStatus.BUSY)
    assert (story.next_number, story.due_in_seconds, story.person.round) == (MOBILE, 120, 1)


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (CallStatus.BUSY, "busy"),
        (CallStatus.NO_ANSWER, "no answer"),
        (CallStatus.FAILED, "call failed"),
        (CallStatus.CANCELED, "call canceled"),
        (CallStatus.COMPLETED, "no key"),
    ],
)
def test_after_the_last_number_of_the_last_round_it_says_what_the_last_call_came_to(
    last: CallStatus, reason: str
) -> None:
    story = Story(MOBILE, HOME, policy=Policy(rounds=2))
    for number in (MOBILE, HOME, MOBILE):
        story.hears(story.is_rung(number), CallStatus.NO_ANSWER)
    story.hears(story.is_rung(HOME), last)
    assert story.ending() == ("not_reached", reason)
    assert story.person.attempts == 4
    assert story.turn_comes() is None


def test_the_policys_own_waits_and_rounds_are_kept() -> None:
    story = Story(
        MOBILE, HOME, policy=Policy(rounds=2, wait_between_numbers_seconds=0, wait_between_rounds_seconds=900)
    )
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    assert story.due_in_seconds == 0
    story.hears(story.is_rung(HOME), CallStatus.BUSY)
    assert story.due_in_seconds == 900


def test_the_wait_is_counted_from_the_moment_the_end_was_heard_of() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.wait(40)
    story.hears(call, CallStatus.NO_ANSWER)
    assert story.due_in_seconds == 5


def test_a_bad_number_is_left_at_once_for_the_next_and_never_rung_again() -> None:
    story = Story(MOBILE, HOME, policy=Policy(rounds=3))
    call = story.is_claimed(MOBILE)
    steps = story.happens(events.NumberRefused(story.calls[call], "21211", "not a valid phone number"))
    assert steps == (MarkNumberBad(NumberToRing(MOBILE, is_bad=True), "21211"),)
    assert story.due_in_seconds == 0
    for round_left in (True, True, False):
        story.hears(story.is_rung(HOME), CallStatus.NO_ANSWER)
        assert (story.ending() is None) is round_left
    assert story.ending() == ("not_reached", "no answer")


def test_when_the_last_number_of_a_round_is_bad_the_next_round_still_waits() -> None:
    story = Story(MOBILE, HOME)
    story.hears(story.is_rung(MOBILE), CallStatus.NO_ANSWER)
    call = story.is_claimed(HOME)
    story.happens(events.NumberRefused(story.calls[call], "21217", "cannot be rung"))
    assert (story.next_number, story.due_in_seconds) == (MOBILE, 120)


def test_with_every_number_bad_nobody_is_rung_again() -> None:
    story = Story(MOBILE, HOME)
    for number in (MOBILE, HOME):
        call = story.is_claimed(number)
        story.happens(events.NumberRefused(story.calls[call], "21211", "not a valid phone number"))
    assert story.ending() == ("not_reached", "bad number")


def test_a_number_listed_twice_is_bad_in_both_places() -> None:
    story = Story(MOBILE, HOME, MOBILE)
    call = story.is_claimed(MOBILE)
    story.happens(events.NumberRefused(story.calls[call], "21211", "not a valid phone number"))
    story.hears(story.is_rung(HOME), CallStatus.NO_ANSWER)
    story.is_rung(HOME)


def test_a_number_that_somebody_else_found_bad_meanwhile_is_passed_over() -> None:
    story = Story(MOBILE, HOME, WORK)
    story.person = story.person.mark_bad(0)
    assert story.turn_comes() is None
    assert story.due_in_seconds == 0
    story.is_rung(HOME)


def test_when_all_numbers_were_found_bad_meanwhile_the_turn_ends_it() -> None:
    story = Story(MOBILE)
    story.person = story.person.mark_bad(0)
    assert story.turn_comes() is None
    assert story.ending() == ("not_reached", "bad number")


def test_when_the_last_number_of_a_round_was_found_bad_meanwhile_the_next_round_still_waits() -> None:
    story = Story(MOBILE, HOME)
    story.hears(story.is_rung(MOBILE), CallStatus.NO_ANSWER)
    story.person = story.person.mark_bad(1)
    story.wait(5)
    assert story.turn_comes() is None
    assert (story.next_number, story.due_in_seconds, story.person.round) == (MOBILE, 120, 1)


def test_somebody_without_a_number_ends_as_the_run_starts() -> None:
    assert Story().ending() == ("not_reached", "no number left to ring")
    assert Story().turn_comes() is None


def test_somebody_whose_numbers_are_all_known_to_be_bad_ends_as_the_run_starts() -> None:
    numbers = (NumberToRing(MOBILE, is_bad=True), NumberToRing(HOME, is_bad=True))
    person = begin(Recipient(numbers=numbers, run_state=RunState.RUNNING), datetime(2026, 3, 1, tzinfo=UTC))
    assert (person.outcome, person.reason) == ("not_reached", "bad number")


def test_a_number_known_to_be_bad_is_passed_over_from_the_start() -> None:
    numbers = (NumberToRing(MOBILE, is_bad=True), NumberToRing(HOME))
    person = begin(Recipient(numbers=numbers, run_state=RunState.RUNNING), datetime(2026, 3, 1, tzinfo=UTC))
    assert person.numbers[person.number_index].number == HOME


def test_a_second_turn_for_a_person_being_rung_rings_nobody() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    before = story.person
    assert story.turn_comes() is None
    assert story.happens(events.TurnCame(call)) == ()
    assert story.person == before
    assert story.happens(events.TurnCame(uuid4())) == ()


def test_all_first_numbers_come_before_any_second_and_a_round_before_the_next() -> None:
    one, two = Story(MOBILE, HOME), Story(WORK, HOME)
    one.hears(one.is_rung(MOBILE), CallStatus.NO_ANSWER)
    assert two.person.turn < one.person.turn
    two.hears(two.is_rung(WORK), CallStatus.NO_ANSWER)
    two.hears(two.is_rung(HOME), CallStatus.NO_ANSWER)
    assert one.person.turn < two.person.turn
