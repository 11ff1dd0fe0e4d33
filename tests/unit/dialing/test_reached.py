"""What counts as reached, and what a later key changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gdial.dialing.events import CallAccepted, RunStopped, StatusHeard
from gdial.dialing.policy import Policy, ReachedWhen
from gdial.dialing.states import CallStatus, RecipientState
from gdial.dialing.steps import HangUpCall
from tests.unit.dialing.story import HOME, MOBILE, Story, sid_of

ANSWERED_IS_ENOUGH = Policy(reached_when=ReachedWhen.ANSWERED)


def test_a_key_reaches_while_the_call_goes_on_and_its_end_frees_the_line() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.RINGING, CallStatus.IN_PROGRESS)
    assert story.ending() is None
    story.presses(call, "1")
    assert (story.ending(), story.person.answer) == (("reached", "key"), "1")
    assert story.open_call() == call
    story.hears(call, CallStatus.COMPLETED)
    assert story.open_call() is None
    assert story.turn_comes() is None


def test_voicemail_completes_and_is_not_a_person() -> None:
    story = Story(MOBILE, HOME)
    story.hears(story.is_rung(MOBILE), CallStatus.IN_PROGRESS, CallStatus.COMPLETED)
    assert story.ending() is None
    assert (story.next_number, story.due_in_seconds) == (HOME, 5)


def test_a_key_without_a_meaning_is_no_answer() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.IN_PROGRESS)
    story.presses(call, "9", is_listed=False)
    assert (story.ending(), story.calls[call].digits) == (None, None)
    story.presses(call, "1", step=2)
    assert story.ending() == ("reached", "key")


def test_the_first_key_of_a_step_wins_and_the_last_step_is_the_answer() -> None:
    story = Story(MOBILE)
    call = story.is_rung(MOBILE)
    story.presses(call, "1", step=1)
    story.presses(call, "2", step=1)
    assert story.person.answer == "1"
    story.presses(call, "3", step=2)
    assert story.person.answer == "3"
    story.presses(call, "1", step=1)
    assert (story.person.answer, story.person.answer_step) == ("3", 2)
    assert (story.calls[call].digits, story.calls[call].answer_step) == ("3", 2)


def test_a_key_of_another_call_does_not_change_an_answer_but_is_kept_with_its_own_call() -> None:
    story = Story(MOBILE, HOME)
    first = story.is_rung(MOBILE)
    story.hears(first, CallStatus.COMPLETED)
    second = story.is_rung(HOME)
    story.presses(second, "1")
    story.presses(first, "2", step=5)
    assert (story.person.answer, story.person.answer_attempt_id) == ("1", second)
    assert story.calls[first].digits == "2"


def test_a_key_heard_before_the_carrier_said_that_it_took_the_call() -> None:
    story = Story(MOBILE)
    call = story.is_claimed(MOBILE)
    story.presses(call, "1")
    assert story.ending() == ("reached", "key")
    story.hears(call, CallStatus.COMPLETED)
    assert story.open_call() is None
    assert story.ending() == ("reached", "key")


def test_a_key_heard_after_the_end_of_its_call_reaches_a_person_who_waits() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.COMPLETED)
    assert story.presses(call, "1") == ()
    assert (story.ending(), story.person.due_at) == (("reached", "key"), None)
    assert story.turn_comes() is None


def test_a_late_key_hangs_up_the_next_call_which_then_changes_nothing() -> None:
    story = Story(MOBILE, HOME)
    first = story.is_rung(MOBILE)
    story.hears(first, CallStatus.COMPLETED)
    second = story.is_rung(HOME)
    assert story.presses(first, "1") == (HangUpCall(second),)
    assert story.open_call() == second
    story.hears(second, CallStatus.CANCELED)
    assert (story.ending(), story.open_call()) == (("reached", "key"), None)


@pytest.mark.parametrize("is_answer_lost", [False, True])
def test_a_late_key_hangs_up_the_next_call_also_when_the_carrier_has_yet_to_name_it(is_answer_lost: bool) -> None:
    story = Story(MOBILE, HOME)
    first = story.is_rung(MOBILE)
    story.hears(first, CallStatus.COMPLETED)
    second = story.is_claimed(HOME)
    story.presses(first, "1")
    if is_answer_lost:
        assert story.hears(second, CallStatus.RINGING) == (HangUpCall(second),)
    else:
        accepted = CallAccepted(story.calls[second], sid_of(second), CallStatus.QUEUED)
        assert story.happens(accepted) == (HangUpCall(second),)
    assert story.hears(second, CallStatus.RINGING) == ()
    story.hears(second, CallStatus.CANCELED)
    assert (story.ending(), story.open_call()) == (("reached", "key"), None)


def test_a_late_key_after_stop_reaches_and_hangs_up_the_other_call() -> None:
    story = Story(MOBILE, HOME)
    first = story.is_rung(MOBILE)
    story.hears(first, CallStatus.COMPLETED)
    second = story.is_rung(HOME)
    story.happens(RunStopped())
    assert story.presses(first, "2") == (HangUpCall(second),)
    assert story.ending() == ("reached", "key")


@pytest.mark.parametrize("waited_minutes", [0, 61])
def test_a_late_key_turns_not_reached_into_reached(waited_minutes: int) -> None:
    story = Story(MOBILE, policy=Policy(rounds=1))
    call = story.is_rung(MOBILE)
    story.wait(waited_minutes * 60)
    story.hears(call, CallStatus.COMPLETED)
    assert story.ending() == ("not_reached", "no key")
    story.presses(call, "1")
    assert (story.ending(), story.person.answer) == (("reached", "key"), "1")


def test_where_an_answered_call_is_enough_the_answer_reaches() -> None:
    story = Story(MOBILE, HOME, policy=ANSWERED_IS_ENOUGH)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.RINGING)
    assert story.ending() is None
    story.hears(call, CallStatus.IN_PROGRESS)
    assert story.ending() == ("reached", "answered")
    story.presses(call, "1")
    assert (story.ending(), story.person.answer) == (("reached", "key"), "1")
    story.hears(call, CallStatus.COMPLETED)
    assert (story.ending(), story.open_call()) == (("reached", "key"), None)


def test_where_an_answered_call_is_enough_its_end_tells_as_much_when_the_answer_was_not_heard_of() -> None:
    story = Story(MOBILE, HOME, policy=ANSWERED_IS_ENOUGH)
    story.hears(story.is_rung(MOBILE), CallStatus.COMPLETED)
    assert (story.ending(), story.open_call()) == (("reached", "answered"), None)


@pytest.mark.parametrize("machine", ["machine_start", "machine_end_beep", "machine_end_silence", "fax"])
def test_a_machine_is_not_a_person(machine: str) -> None:
    story = Story(MOBILE, HOME, policy=ANSWERED_IS_ENOUGH)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.COMPLETED, answered_by=machine)
    assert (story.ending(), story.next_number) == (None, HOME)
    story.hears(call, CallStatus.IN_PROGRESS)
    assert story.ending() is None, "a swapped word that does not know of the machine made a person of it"


def test_an_answer_heard_late_reaches_a_person_who_is_being_rung_again() -> None:
    story = Story(MOBILE, HOME, policy=ANSWERED_IS_ENOUGH)
    first = story.is_rung(MOBILE)
    story.hears(first, CallStatus.NO_ANSWER)
    second = story.is_rung(HOME)
    assert story.hears(first, CallStatus.IN_PROGRESS) == (HangUpCall(second),)
    assert story.ending() == ("reached", "answered")


def test_an_answer_heard_after_the_end_is_not_dated_after_it() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.wait(20)
    story.hears(call, CallStatus.COMPLETED)
    ended_at = story.now
    story.wait(30)
    story.hears(call, CallStatus.IN_PROGRESS)
    attempt = story.calls[call]
    assert (attempt.status, attempt.ended_at) == (CallStatus.COMPLETED, ended_at)
    assert attempt.answered_at is not None
    assert timedelta(0) <= ended_at - attempt.answered_at


def test_an_answer_heard_later_than_the_carriers_own_time_of_the_end_is_dated_by_that() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    ended_at = story.now + timedelta(seconds=20)
    story.wait(30)
    story.hears(call, CallStatus.IN_PROGRESS)
    story.happens(StatusHeard(story.calls[call], sid_of(call), CallStatus.COMPLETED, ended_at=ended_at))
    assert (story.calls[call].answered_at, story.calls[call].ended_at) == (ended_at, ended_at)


def test_reached_stays_reached_whatever_is_heard_afterwards() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.presses(call, "1")
    story.hears(call, CallStatus.NO_ANSWER, CallStatus.FAILED, CallStatus.COMPLETED)
    story.happens(RunStopped(hang_up=True))
    assert (story.ending(), story.person.answer) == (("reached", "key"), "1")
    assert story.person.state is RecipientState.ENDED
