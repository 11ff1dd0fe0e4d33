"""Who may place a call while a carrier does not answer, or has only begun to."""

from __future__ import annotations

import asyncio

import pytest

from gdial.carriers.base import Accepted, Placing, Refusal, Refused, Unknown, is_answer
from gdial.carriers.breaker import CarrierBreaker
from gdial.dialing.breaker import FAILURES_TO_OPEN, BreakerState
from gdial.dialing.states import CallStatus

AT_ONCE = 0.0
SOON_SECONDS = 30.0
LOST = Unknown("Twilio did not answer within 10 s")
TAKEN = Accepted("CA" + "0" * 32, CallStatus.QUEUED)


def opened() -> CarrierBreaker:
    breaker = CarrierBreaker(clock=lambda: 0.0)
    for _ in range(FAILURES_TO_OPEN):
        breaker.note_create(LOST)
    assert breaker.state is BreakerState.OPEN
    return breaker


@pytest.mark.parametrize(
    ("placing", "answered"),
    [
        (TAKEN, True),
        (Refused(Refusal.BAD_NUMBER, "21211", "bad"), True),
        (Refused(Refusal.ACCOUNT, "", "HTTP status 401"), True),
        (Refused(Refusal.LATER, "20429", "too many"), True),
        (Refused(Refusal.LATER, "", "connection refused"), False),
        (LOST, False),
    ],
)
def test_an_answer_is_any_decision_of_the_carrier(placing: Placing, answered: bool) -> None:
    assert is_answer(placing) is answered


async def test_nobody_passes_an_open_one_and_it_says_why() -> None:
    breaker = opened()
    assert await breaker.enter(AT_ONCE) is None
    assert breaker.opened.is_set()
    assert "did not answer" in breaker.why


async def test_one_at_a_time_passes_a_half_open_one_and_the_first_that_is_answered_lets_all_through() -> None:
    breaker = opened()
    waiting = [asyncio.create_task(breaker.enter(SOON_SECONDS)) for _ in range(5)]
    await asyncio.sleep(0)
    breaker.note_question(is_answered=True)
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0)
    assert sum(task.done() for task in waiting) == 1
    breaker.note_create(TAKEN)
    assert None not in await asyncio.gather(*waiting)
    assert not breaker.opened.is_set()


async def test_who_passed_and_placed_no_call_makes_room_for_the_next() -> None:
    breaker = opened()
    breaker.note_question(is_answered=True)
    assert await breaker.enter(AT_ONCE) is not None
    second = asyncio.create_task(breaker.enter(SOON_SECONDS))
    await asyncio.sleep(0)
    assert not second.done()
    breaker.leave()
    assert await second is not None


async def test_who_passed_before_it_opened_sends_nothing_until_it_has_closed() -> None:
    breaker = CarrierBreaker(clock=lambda: 0.0)
    early = await breaker.enter(AT_ONCE)
    assert early is not None
    for _ in range(FAILURES_TO_OPEN):
        assert breaker.may_go(early)
        breaker.note_create(LOST)
    assert not breaker.may_go(early)
    breaker.leave()
    breaker.note_question(is_answered=True)
    trying = await breaker.enter(AT_ONCE)
    assert trying is not None
    assert (breaker.may_go(early), breaker.may_go(trying)) == (False, True)
    breaker.note_create(TAKEN)
    assert breaker.may_go(early)


async def test_nobody_is_held_up_in_a_process_that_ends() -> None:
    breaker = opened()
    waiting = asyncio.create_task(breaker.enter(SOON_SECONDS))
    await asyncio.sleep(0)
    breaker.stop_waiting()
    assert await waiting is None
    assert await breaker.enter(SOON_SECONDS) is None
