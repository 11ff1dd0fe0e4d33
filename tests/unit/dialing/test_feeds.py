"""Between the database and a worker: doorbells that ring, get lost, or find the line taken."""

from __future__ import annotations

from dataclasses import replace

from gdial.dialing import events
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus, RunState
from tests.unit.dialing.story import HOME, MOBILE, Story


def fed(story: Story) -> None:
    story.person = replace(story.person, feeds=story.person.feeds + 1)


def test_five_feeds_that_came_to_nothing_end_on_the_manual_list() -> None:
    story = Story(MOBILE)
    for _ in range(4):
        fed(story)
        story.happens(events.FeedLapsed())
        assert story.ending() is None
    fed(story)
    story.happens(events.FeedLapsed())
    assert story.ending() == ("not_reached", "failed: internal")


def test_a_feed_given_back_does_not_count() -> None:
    story = Story(MOBILE)
    for _ in range(50):
        fed(story)
        story.happens(events.FeedReturned())
        story.happens(events.FeedLapsed())
    assert story.ending() is None
    story.happens(events.FeedReturned())
    assert story.person.feeds == 0


def test_an_attempt_begins_the_count_anew() -> None:
    story = Story(MOBILE, HOME)
    for _ in range(4):
        fed(story)
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    fed(story)
    story.happens(events.FeedLapsed())
    assert story.ending() is None


def test_a_feed_that_lapses_under_a_call_under_way_changes_nothing() -> None:
    story = Story(MOBILE)
    story.is_rung(MOBILE)
    story.person = replace(story.person, feeds=9)
    before = story.person
    story.happens(events.FeedLapsed())
    assert story.person == before


def test_a_run_paused_again_and_again_costs_nobody_their_turn() -> None:
    story = Story(MOBILE)
    for _ in range(10):
        story.run_is(RunState.RUNNING)
        fed(story)
        story.run_is(RunState.PAUSED)
        assert story.turn_comes() is None
        story.run_is(RunState.RUNNING)
        story.wait(30)
        story.happens(events.FeedLapsed())
    assert story.turn_comes() is not None


def test_feeds_lost_while_a_run_is_paused_do_not_count() -> None:
    story = Story(MOBILE)
    story.run_is(RunState.PAUSED)
    for _ in range(10):
        fed(story)
        story.happens(events.FeedLapsed())
    assert story.ending() is None


def test_while_another_run_rings_the_number_the_turn_is_put_off_by_five_seconds() -> None:
    story = Story(MOBILE, HOME)
    for _ in range(3):
        story.wait(story.due_in_seconds)
        story.happens(events.NumberWasInUse())
        assert (story.next_number, story.due_in_seconds, story.person.attempts) == (MOBILE, 5, 0)


def test_news_of_a_number_in_use_shortens_no_wait() -> None:
    story = Story(MOBILE)
    story.hears(story.is_rung(MOBILE), CallStatus.BUSY)
    assert story.due_in_seconds == 120
    story.happens(events.NumberWasInUse())
    assert story.due_in_seconds == 120


def test_news_of_a_number_in_use_changes_nothing_for_somebody_being_rung_or_ended() -> None:
    story = Story(MOBILE, policy=Policy(rounds=1))
    call = story.is_rung(MOBILE)
    before = story.person
    story.happens(events.NumberWasInUse())
    assert story.person == before
    story.hears(call, CallStatus.BUSY)
    before = story.person
    story.happens(events.NumberWasInUse())
    assert story.person == before


def test_a_number_in_use_until_the_deadline_ends_not_reached() -> None:
    story = Story(MOBILE, policy=Policy(deadline_minutes=1))
    for _ in range(12):
        story.wait(story.due_in_seconds)
        story.happens(events.NumberWasInUse())
    assert story.ending() == ("not_reached", "deadline")
