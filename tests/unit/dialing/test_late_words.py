"""Words of the carrier come late, twice, swapped, or about calls long closed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gdial.dialing.events import CallAccepted, StatusHeard
from gdial.dialing.states import FINAL_STATUSES, AttemptState, CallStatus, RecipientState
from tests.unit.dialing.story import HOME, MOBILE, Story

FINAL = sorted(FINAL_STATUSES)


def test_a_word_that_comes_after_a_later_one_moves_nothing_back() -> None:
    story = Story(MOBILE)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.IN_PROGRESS)
    attempt = story.calls[call]
    story.hears(call, CallStatus.RINGING, CallStatus.INITIATED, CallStatus.QUEUED)
    assert story.calls[call] == attempt


@pytest.mark.parametrize("first", FINAL)
@pytest.mark.parametrize("second", FINAL)
def test_the_first_final_word_is_final(first: CallStatus, second: CallStatus) -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.hears(call, first)
    person, attempt = story.person, story.calls[call]
    story.wait(3)
    story.hears(call, second)
    assert (story.person, story.calls[call]) == (person, attempt)


def test_late_words_about_a_closed_call_leave_the_call_under_way_alone() -> None:
    story = Story(MOBILE, HOME)
    first = story.is_rung(MOBILE)
    story.hears(first, CallStatus.NO_ANSWER)
    second = story.is_rung(HOME)
    person = story.person
    for word in (CallStatus.RINGING, CallStatus.NO_ANSWER, CallStatus.COMPLETED):
        assert story.hears(first, word) == ()
    assert story.person == person
    assert story.open_call() == second


def test_a_word_with_another_calls_sid_is_not_about_this_call() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    person, attempt = story.person, story.calls[call]
    story.happens(StatusHeard(attempt, "CA-of-somebody-else", CallStatus.COMPLETED))
    assert (story.person, story.calls[call]) == (person, attempt)
    story.happens(CallAccepted(attempt, "CA-of-somebody-else", CallStatus.QUEUED))
    assert story.calls[call] == attempt


def test_the_end_may_be_heard_of_before_the_carriers_answer() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    story.hears(call, CallStatus.BUSY)
    assert (story.next_number, story.calls[call].state) == (HOME, AttemptState.CLOSED)
    attempt = story.calls[call]
    assert attempt.sid is not None
    story.happens(CallAccepted(attempt, attempt.sid, CallStatus.QUEUED))
    assert story.calls[call] == attempt
    assert story.person.state is RecipientState.WAITING


def test_a_callback_settles_what_the_lost_answer_left_open() -> None:
    story = Story(MOBILE)
    call = story.is_claimed(MOBILE)
    story.hears(call, CallStatus.RINGING)
    attempt = story.calls[call]
    assert (attempt.state, attempt.status) == (AttemptState.PLACED, CallStatus.RINGING)


def test_the_carriers_own_time_of_the_end_is_kept() -> None:
    story = Story(MOBILE)
    call = story.is_rung(MOBILE)
    ended_at = story.now + timedelta(seconds=20)
    story.wait(300)
    story.happens(StatusHeard(story.calls[call], story.calls[call].sid or "", CallStatus.BUSY, ended_at=ended_at))
    assert story.calls[call].ended_at == ended_at


def test_the_answer_is_dated_by_its_first_word() -> None:
    story = Story(MOBILE)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.IN_PROGRESS)
    answered_at = story.now
    story.wait(7)
    story.hears(call, CallStatus.IN_PROGRESS)
    assert story.calls[call].answered_at == answered_at
