"""No more creates to a carrier that does not answer: arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gdial.dialing.breaker import FAILURES_TO_OPEN, PAUSES_SECONDS, Breaker, BreakerState

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN


def after_creates(*answered: bool, breaker: Breaker | None = None) -> Breaker:
    breaker = breaker or Breaker()
    for is_answered in answered:
        breaker = breaker.after_create(0, is_answered=is_answered)
    return breaker


def opened() -> Breaker:
    return after_creates(*[False] * FAILURES_TO_OPEN)


def test_it_opens_after_failures_in_a_row_and_an_answer_between_begins_anew() -> None:
    nearly = [False] * (FAILURES_TO_OPEN - 1)
    assert after_creates(*nearly).state is CLOSED
    assert after_creates(*nearly, True, *nearly).state is CLOSED
    assert after_creates(*nearly, False).state is OPEN


def test_after_one_create_that_was_not_answered_questions_count_like_creates() -> None:
    assert Breaker().after_question(0, is_answered=False) == Breaker()
    breaker = after_creates(False)
    assert breaker.after_question(1, is_answered=True) == breaker
    for second in range(FAILURES_TO_OPEN - 1):
        assert breaker.state is CLOSED
        breaker = breaker.after_question(second, is_answered=False)
    assert breaker.state is OPEN


def test_a_carrier_that_stays_away_is_asked_at_growing_pauses_of_at_most_a_few_seconds() -> None:
    breaker, pauses, now = opened(), [], 0.0
    for _ in range(6):
        pauses.append(breaker.ask_at - now)
        now = breaker.ask_at
        breaker = breaker.after_question(now, is_answered=False)
    assert breaker.state is OPEN
    assert pauses == [*PAUSES_SECONDS, PAUSES_SECONDS[-1], PAUSES_SECONDS[-1]]


def test_an_answered_question_lets_creates_through_one_by_one_and_an_answered_create_closes_it() -> None:
    half = opened().after_question(1, is_answered=True)
    assert half.state is HALF_OPEN
    assert after_creates(True, breaker=half) == Breaker()
    assert after_creates(False, breaker=half).state is OPEN


def test_where_nobody_is_to_be_rung_a_second_answered_question_closes_it() -> None:
    half = opened().after_question(1, is_answered=True)
    assert half.after_question(half.ask_at, is_answered=True) == Breaker()
    assert half.after_question(half.ask_at, is_answered=False).state is OPEN


def test_what_was_sent_before_it_opened_and_is_answered_late_does_not_close_it() -> None:
    assert after_creates(True, False, breaker=opened()) == opened()


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 100)), max_size=60))
def test_whatever_happens_an_open_breaker_asks_again_within_seconds_and_two_answers_close_it(
    events: list[tuple[bool, bool, float]],
) -> None:
    breaker, now = Breaker(), 0.0
    for is_create, is_answered, seconds in events:
        now += seconds
        told = breaker.after_create if is_create else breaker.after_question
        breaker = told(now, is_answered=is_answered)
        if breaker.state is not CLOSED:
            assert breaker.ask_at <= now + PAUSES_SECONDS[-1]
    for _ in range(2):
        breaker = breaker.after_question(now, is_answered=True)
    assert breaker.state is CLOSED
