"""Stop means stop, and a run's time comes to an end."""

from __future__ import annotations

import pytest

from gdial.dialing import events
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus, RunState
from gdial.dialing.steps import HangUpCall
from tests.unit.dialing.story import HOME, MOBILE, Story


def test_stop_ends_everybody_who_waits() -> None:
    story = Story(MOBILE, HOME)
    story.happens(events.RunStopped())
    assert story.ending() == ("stopped", "stopped by the operator")
    assert story.turn_comes() is None


def test_stop_lets_a_ringing_call_end_and_no_other_follows() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    assert story.happens(events.RunStopped()) == ()
    assert story.ending() is None
    story.hears(call, CallStatus.NO_ANSWER)
    assert story.ending() == ("stopped", "stopped by the operator")


def test_stop_with_hang_up_ends_the_call_under_way_also_when_told_a_second_time() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.happens(events.RunStopped())
    assert story.happens(events.RunStopped(hang_up=True)) == (HangUpCall(call),)
    story.hears(call, CallStatus.CANCELED)
    assert story.ending() == ("stopped", "stopped by the operator")
    assert story.happens(events.RunStopped(hang_up=True)) == ()


@pytest.mark.parametrize("first_word", ["the answer to the create", "a callback", "it was answered"])
def test_stop_with_hang_up_ends_a_call_that_was_being_placed_as_soon_as_its_sid_is_known(first_word: str) -> None:
    story = Story(MOBILE)
    call = story.is_claimed(MOBILE)
    story.happens(events.RunStopped(hang_up=True))
    words: dict[str, events.AttemptEvent] = {
        "the answer to the create": events.CallAccepted(story.calls[call], "CA1", CallStatus.QUEUED),
        "a callback": events.StatusHeard(story.calls[call], "CA1", CallStatus.RINGING),
        "it was answered": events.StatusHeard(story.calls[call], "CA1", CallStatus.IN_PROGRESS),
    }
    assert story.happens(words[first_word]) == (HangUpCall(call),)
    again = events.StatusHeard(story.calls[call], "CA1", CallStatus.RINGING)
    assert story.happens(again) == (), "once is enough"


def test_stop_without_hang_up_lets_a_call_that_was_being_placed_ring() -> None:
    story = Story(MOBILE)
    call = story.is_claimed(MOBILE)
    story.happens(events.RunStopped())
    assert story.happens(events.CallAccepted(story.calls[call], "CA1", CallStatus.QUEUED)) == ()


def test_stop_with_hang_up_ends_a_call_that_is_still_saying_thanks() -> None:
    story = Story(MOBILE)
    call = story.is_rung(MOBILE)
    story.presses(call, "1")
    assert story.happens(events.RunStopped(hang_up=True)) == (HangUpCall(call),)
    assert story.ending() == ("reached", "key")


def test_stop_with_hang_up_ends_a_call_that_had_been_given_up_and_rings_after_all() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    story.happens(events.PlacingLost(story.calls[call], "no answer within 10 s"))
    story.happens(events.CallNeverWas(story.calls[call]))
    story.happens(events.RunStopped(hang_up=True))
    assert story.hears(call, CallStatus.RINGING) == (HangUpCall(call),)


def test_stop_with_hang_up_is_not_taken_back_by_a_second_stop_without() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    story.happens(events.RunStopped(hang_up=True))
    story.happens(events.RunStopped())
    assert story.hears(call, CallStatus.RINGING) == (HangUpCall(call),)


@pytest.mark.parametrize("refusal", ["put off", "never was", "bad number"])
def test_stop_is_the_end_for_a_call_that_was_then_refused(refusal: str) -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    story.happens(events.RunStopped())
    happened: dict[str, events.AttemptEvent] = {
        "put off": events.CallPutOff(story.calls[call], "20429", "too many requests"),
        "never was": events.CallNeverWas(story.calls[call]),
        "bad number": events.NumberRefused(story.calls[call], "21211", "not a valid phone number"),
    }
    story.happens(happened[refusal])
    assert story.ending() == ("stopped", "stopped by the operator")


def test_a_key_on_a_ringing_call_still_counts_after_stop() -> None:
    story = Story(MOBILE)
    call = story.is_rung(MOBILE)
    story.happens(events.RunStopped())
    story.presses(call, "1")
    story.hears(call, CallStatus.COMPLETED)
    assert story.ending() == ("reached", "key")


@pytest.mark.parametrize("state", [RunState.SCHEDULED, RunState.PAUSED, RunState.DONE, RunState.STOPPED])
def test_nobody_is_rung_while_the_run_is_not_running(state: RunState) -> None:
    story = Story(MOBILE)
    story.run_is(state)
    assert story.turn_comes() is None
    assert story.person.attempts == 0


def test_a_paused_run_lets_calls_end_and_goes_on_where_it_was() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.run_is(RunState.PAUSED)
    story.hears(call, CallStatus.BUSY)
    story.wait(600)
    assert story.turn_comes() is None
    story.run_is(RunState.RUNNING)
    story.is_rung(HOME)


def test_at_the_deadline_whoever_waits_was_not_reached() -> None:
    story = Story(MOBILE, HOME, policy=Policy(deadline_minutes=1))
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    story.wait(59)
    story.happens(events.DeadlinePassed())
    assert story.ending() is None
    story.wait(1)
    story.happens(events.DeadlinePassed())
    assert story.ending() == ("not_reached", "deadline")


def test_a_turn_that_comes_at_the_deadline_rings_nobody() -> None:
    story = Story(MOBILE, policy=Policy(deadline_minutes=1))
    story.wait(60)
    assert story.turn_comes() is None
    assert story.ending() == ("not_reached", "deadline")


def test_a_call_may_ring_past_the_deadline_and_no_other_follows() -> None:
    story = Story(MOBILE, HOME, policy=Policy(deadline_minutes=1))
    story.wait(59.9)
    call = story.is_rung(MOBILE)
    story.wait(30)
    story.happens(events.DeadlinePassed())
    assert story.ending() is None
    story.hears(call, CallStatus.NO_ANSWER)
    assert story.ending() == ("not_reached", "deadline")


def test_who_would_wait_past_the_deadline_ends_at_once() -> None:
    story = Story(MOBILE, policy=Policy(deadline_minutes=2))
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    assert story.ending() == ("not_reached", "deadline")


def test_the_deadline_reaches_those_who_wait_in_a_paused_run() -> None:
    story = Story(MOBILE, policy=Policy(deadline_minutes=1))
    story.run_is(RunState.PAUSED)
    story.wait(60)
    story.happens(events.DeadlinePassed())
    assert story.ending() == ("not_reached", "deadline")
