"""The carrier did not dial: nobody loses a turn by it, and nobody is forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gdial.dialing import events
from gdial.dialing.policy import Policy
from gdial.dialing.redial import put_off_seconds
from gdial.dialing.states import AttemptState, CallStatus, RunState
from gdial.dialing.steps import HangUpCall, MarkNumberBad, PauseRun
from tests.unit.dialing.story import HOME, MOBILE, Story


def put_off(story: Story, retry_after_seconds: float | None = None) -> None:
    call = story.is_claimed(MOBILE)
    story.happens(events.CallPutOff(story.calls[call], "20429", "too many requests", retry_after_seconds))


def test_a_carrier_with_no_time_is_asked_again_for_the_same_number_after_growing_pauses() -> None:
    story = Story(MOBILE, HOME)
    pauses = []
    for _ in range(8):
        put_off(story)
        pauses.append(story.due_in_seconds)
    assert pauses == [2, 4, 8, 15, 30, 60, 60, 60]
    assert (story.next_number, story.person.round) == (MOBILE, 0)


def test_the_pauses_begin_anew_once_a_call_has_been_through() -> None:
    story = Story(MOBILE, HOME)
    put_off(story)
    put_off(story)
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    call = story.is_claimed(HOME)
    story.happens(events.CallPutOff(story.calls[call], "20429", "too many requests"))
    assert story.due_in_seconds == 2


@pytest.mark.parametrize(
    ("refusals", "asked_for", "pause"),
    [(0, None, 2), (0, 1.5, 2), (0, 10.5, 10.5), (3, 10.5, 15), (0, 3600, 60), (99, None, 60), (0, 0, 2), (1, -5, 4)],
)
def test_the_carriers_own_wish_is_granted_within_a_minute(refusals: int, asked_for: float | None, pause: float) -> None:
    assert put_off_seconds(refusals, asked_for) == pause


def test_put_off_calls_use_up_no_round() -> None:
    story = Story(MOBILE, policy=Policy(rounds=1, deadline_minutes=60))
    for _ in range(10):
        put_off(story)
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    assert story.ending() == ("not_reached", "busy")


def test_being_put_off_ends_with_the_runs_time() -> None:
    story = Story(MOBILE, policy=Policy(deadline_minutes=1))
    while story.ending() is None:
        put_off(story)
    assert story.ending() == ("not_reached", "deadline")
    assert story.person.attempts == 6


def test_a_refused_account_pauses_the_run_and_the_same_number_is_rung_when_it_goes_on() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    steps = story.happens(events.AccountRefused(story.calls[call], "20003", "authenticate"))
    assert steps == (PauseRun("20003", "authenticate"),)
    story.run_is(RunState.PAUSED)
    assert story.turn_comes() is None
    story.run_is(RunState.RUNNING)
    story.is_rung(MOBILE)
    assert story.calls[call].error_code == "20003"


def test_a_refused_account_pauses_no_run_that_the_operator_has_stopped() -> None:
    story = Story(MOBILE)
    call = story.is_claimed(MOBILE)
    story.happens(events.RunStopped())
    assert story.happens(events.AccountRefused(story.calls[call], "20003", "authenticate")) == ()
    assert story.ending() == ("stopped", "stopped by the operator")


def test_what_a_refusal_says_of_number_and_account_is_passed_on_even_when_the_person_was_reached_meanwhile() -> None:
    story = Story(MOBILE, HOME)
    first = story.is_rung(MOBILE)
    story.hears(first, CallStatus.COMPLETED)
    second = story.is_claimed(HOME)
    story.presses(first, "1")
    before = replace(story.person)
    steps = story.happens(events.NumberRefused(story.calls[second], "21211", "not a valid phone number"))
    assert [type(step) for step in steps] == [MarkNumberBad]
    assert story.ending() == ("reached", "key")
    story.person, story.calls[second] = before, replace(story.calls[second], state=AttemptState.CLAIMED)
    steps = story.happens(events.AccountRefused(story.calls[second], "20003", "authenticate"))
    assert [type(step) for step in steps] == [PauseRun]


def test_a_call_that_never_was_is_placed_again_at_once() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    story.happens(events.PlacingLost(story.calls[call], "no answer within 10 s"))
    assert story.calls[call].state is AttemptState.UNKNOWN
    assert story.turn_comes() is None
    story.happens(events.CallNeverWas(story.calls[call]))
    assert (story.due_in_seconds, story.next_number) == (0, MOBILE)
    assert story.calls[call].error == "never rang"
    story.is_rung(MOBILE)


def test_a_lost_answer_is_settled_by_the_carriers_list() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    story.happens(events.PlacingLost(story.calls[call], "connection reset"))
    story.happens(events.CallAccepted(story.calls[call], "CA1", CallStatus.COMPLETED))
    attempt = story.calls[call]
    assert (attempt.state, attempt.sid, attempt.error) == (AttemptState.PLACED, "CA1", "")
    story.happens(events.StatusHeard(attempt, "CA1", CallStatus.COMPLETED))
    assert (story.next_number, story.due_in_seconds) == (HOME, 5)


@pytest.mark.parametrize("late", ["put off", "account", "number", "never was", "lost"])
def test_a_refusal_changes_nothing_once_the_call_is_known_to_be_with_the_carrier(late: str) -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    story.hears(call, CallStatus.RINGING)
    before, attempt = story.person, story.calls[call]
    happened: dict[str, events.AttemptEvent] = {
        "put off": events.CallPutOff(attempt, "20429", "too many requests"),
        "account": events.AccountRefused(attempt, "20003", "authenticate"),
        "number": events.NumberRefused(attempt, "21211", "not a valid phone number"),
        "never was": events.CallNeverWas(attempt),
        "lost": events.PlacingLost(attempt, "no answer within 10 s"),
    }
    assert story.happens(happened[late]) == ()
    assert (story.person, story.calls[call]) == (before, attempt)


def test_a_refusal_heard_twice_counts_once() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_claimed(MOBILE)
    story.happens(events.CallPutOff(story.calls[call], "20429", "too many requests"))
    before, attempt = story.person, story.calls[call]
    story.wait(1)
    story.happens(events.CallPutOff(attempt, "20429", "too many requests"))
    assert story.happens(events.NumberRefused(attempt, "21211", "not a valid phone number")) == ()
    assert (story.person, story.calls[call]) == (before, attempt)


def given_up(story: Story) -> events.CallNeverWas:
    call = story.is_claimed(MOBILE)
    story.happens(events.PlacingLost(story.calls[call], "no answer within 10 s"))
    return events.CallNeverWas(story.calls[call])


def test_a_call_given_up_that_rings_after_all_holds_the_next_one_back_for_as_long_as_it_may_ring() -> None:
    story = Story(MOBILE, HOME)
    never_was = given_up(story)
    call = never_was.attempt.id
    story.happens(never_was)
    story.hears(call, CallStatus.RINGING)
    assert story.calls[call].state is AttemptState.CLOSED
    assert story.turn_comes() is None
    assert (story.due_in_seconds, story.next_number) == (30, MOBILE)
    story.presses(call, "1")
    assert story.ending() == ("reached", "key")


def test_a_call_given_up_that_rings_after_all_beside_its_successor_is_hung_up() -> None:
    story = Story(MOBILE, HOME)
    never_was = given_up(story)
    story.happens(never_was)
    second = story.is_rung(MOBILE)
    stray = never_was.attempt.id
    steps = story.happens(events.CallAccepted(story.calls[stray], "CA-stray", CallStatus.QUEUED))
    assert steps == (HangUpCall(stray),)
    assert story.calls[stray].sid == "CA-stray"
    story.presses(second, "1")
    assert story.ending() == ("reached", "key")


def test_a_call_given_up_that_rings_after_all_is_hung_up_when_the_person_has_been_reached() -> None:
    story = Story(MOBILE, HOME)
    never_was = given_up(story)
    story.happens(never_was)
    second = story.is_rung(MOBILE)
    story.presses(second, "1")
    story.hears(second, CallStatus.COMPLETED)
    stray = never_was.attempt.id
    assert story.hears(stray, CallStatus.RINGING) == (HangUpCall(stray),)


def test_a_call_given_up_that_has_been_answered_after_all_is_left_to_the_one_who_listens() -> None:
    story = Story(MOBILE, HOME)
    never_was = given_up(story)
    story.happens(never_was)
    second = story.is_rung(MOBILE)
    stray = never_was.attempt.id
    assert story.hears(stray, CallStatus.IN_PROGRESS) == ()
    assert story.presses(stray, "1") == (HangUpCall(second),)
    assert story.ending() == ("reached", "key")


def test_a_call_refused_for_no_known_reason_is_one_that_failed() -> None:
    story = Story(MOBILE, HOME, policy=Policy(rounds=1))
    for number in (MOBILE, HOME):
        call = story.is_claimed(number)
        assert story.happens(events.CallRefused(story.calls[call], "21999", "the frobnicator is bent")) == ()
        assert (story.calls[call].error_code, story.calls[call].state) == ("21999", AttemptState.CLOSED)
    assert story.ending() == ("not_reached", "carrier refused")


def failed(
    story: Story, number: str, code: str, *, blames_number: bool = False, blames_account: bool = False
) -> tuple[object, ...]:
    attempt = story.calls[story.is_rung(number)]
    word = events.StatusHeard(attempt, attempt.sid or "", CallStatus.FAILED, error_code=code, error="in words")
    return story.happens(replace(word, blames_number=blames_number, blames_account=blames_account))


def test_a_call_that_failed_because_of_its_number_is_never_tried_again() -> None:
    story = Story(MOBILE, HOME, policy=Policy(rounds=2))
    (step,) = failed(story, MOBILE, "13224", blames_number=True)
    assert isinstance(step, MarkNumberBad)
    assert (step.number.number, step.code) == (MOBILE, "13224")
    story.hears(story.is_rung(HOME), CallStatus.BUSY)
    story.hears(story.is_rung(HOME), CallStatus.BUSY)
    assert story.ending() == ("not_reached", "busy")


def test_a_call_that_failed_because_of_the_account_pauses_the_run_and_uses_up_no_turn() -> None:
    story = Story(MOBILE, policy=Policy(rounds=1))
    assert failed(story, MOBILE, "22005", blames_account=True) == (PauseRun("22005", "in words"),)
    story.run_is(RunState.PAUSED)
    assert story.turn_comes() is None
    story.run_is(RunState.RUNNING)
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    assert story.ending() == ("not_reached", "busy")
