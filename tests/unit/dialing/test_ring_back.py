"""Somebody rings back instead of waiting to be rung again."""

from __future__ import annotations

from uuid import UUID

import pytest

from gdial.dialing.events import AnsweredByRingBack, RangBack, RunStopped
from gdial.dialing.policy import Policy, ReachedWhen
from gdial.dialing.states import CallStatus, RecipientState
from gdial.dialing.steps import HangUpCall, Step
from tests.unit.dialing.story import HOME, MOBILE, Story, sid_of

INBOUND = UUID(int=4711)
ANSWERED = Policy(reached_when=ReachedWhen.ANSWERED)


def rings_back_and_presses(story: Story, digit: str, *, is_listed: bool = True) -> tuple[Step, ...]:
    assert story.happens(RangBack()) == ()
    return story.happens(AnsweredByRingBack(INBOUND, 0, digit, is_listed))


def test_a_key_of_who_rings_back_reaches_and_nobody_is_rung_any_more() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.NO_ANSWER)
    assert rings_back_and_presses(story, "1") == ()
    assert (story.ending(), story.person.answer) == (("reached", "rang back"), "1")
    assert story.person.due_at is None
    assert story.turn_comes() is None


def test_the_call_that_rings_them_meanwhile_is_hung_up() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    assert rings_back_and_presses(story, "1") == (HangUpCall(call),)
    story.hears(call, CallStatus.CANCELED)
    assert (story.ending(), story.person.open_attempt_id) == (("reached", "rang back"), None)


def test_a_call_on_its_way_to_the_carrier_is_hung_up_at_its_first_word() -> None:
    story = Story(MOBILE)
    call = story.is_claimed(MOBILE)
    rings_back_and_presses(story, "1")
    assert story.hears(call, CallStatus.RINGING) == (HangUpCall(call),)


def test_a_key_without_a_meaning_changes_nothing() -> None:
    story = Story(MOBILE)
    person = story.person
    assert rings_back_and_presses(story, "7", is_listed=False) == ()
    assert story.person == person


@pytest.mark.parametrize("ending", ["stopped", "not_reached"])
def test_it_improves_an_outcome(ending: str) -> None:
    story = Story(MOBILE, policy=Policy(rounds=1))
    if ending == "stopped":
        story.happens(RunStopped())
    else:
        story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    assert story.ending() is not None
    assert story.person.outcome == ending
    rings_back_and_presses(story, "2")
    assert (story.person.outcome, story.person.answer) == ("reached", "2")


def test_the_first_answer_stands_whoever_gave_it() -> None:
    story = Story(MOBILE, HOME)
    call = story.is_rung(MOBILE)
    story.hears(call, CallStatus.IN_PROGRESS)
    story.presses(call, "1")
    assert rings_back_and_presses(story, "2") == ()
    assert (story.ending(), story.person.answer) == (("reached", "key"), "1")

    other = Story(MOBILE, HOME)
    call = other.is_rung(MOBILE)
    other.hears(call, CallStatus.IN_PROGRESS)
    rings_back_and_presses(other, "2")
    other.presses(call, "1")
    assert (other.ending(), other.person.answer) == (("reached", "rang back"), "2")


def test_hearing_it_is_enough_only_where_an_answered_call_is() -> None:
    story = Story(MOBILE, policy=ANSWERED)
    call = story.is_rung(MOBILE)
    assert story.happens(RangBack()) == (HangUpCall(call),)
    assert story.ending() == ("reached", "rang back")

    waiting = Story(MOBILE)
    waiting.happens(RangBack())
    assert waiting.person.state is RecipientState.WAITING


def test_a_replay_changes_nothing() -> None:
    story = Story(MOBILE)
    call = story.is_rung(MOBILE)
    rings_back_and_presses(story, "1")
    person = story.person
    assert rings_back_and_presses(story, "1") == ()
    assert (story.person, story.calls[call].sid) == (person, sid_of(call))
