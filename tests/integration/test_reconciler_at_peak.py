"""Many silent calls at once: asked about by pages of the list, spaced, and left in peace when it is too much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from gdial.actions.questions import Patience, Questions, Spacing
from gdial.actions.reconcile_calls import Reconciler, reconcile_calls
from gdial.errors import CarrierBusy, CarrierUnavailable
from gdial.storage import attempts
from tests.support.carrier_stub import CarrierStub, refuse
from tests.support.dialling import Dialling, dialling
from tests.support.runtime import FIRST_MOMENT
from tests.support.silent_calls import STATUSES, store_silent_calls

MANY = 120


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url, carrier_questions_per_second=1_000) as running:
        yield running


async def still_open(office: Dialling) -> int:
    async with office.rt.database.reading() as tx:
        return sum([await attempts.count_open(tx, mode) for mode in office.rt.networks])


async def test_many_silent_calls_cost_a_page_of_the_list_and_not_a_question_each(office: Dialling) -> None:
    run = await store_silent_calls(office, MANY, unknown_every=10)
    assert await reconcile_calls(office.rt) == MANY
    assert await still_open(office) == 0
    assert len(office.carrier.received) == 1
    settled = {call.number: call for call in await office.calls(run)}
    assert len(settled) == MANY
    for theirs in office.carrier.calls:
        assert (settled[theirs.to].call_sid, settled[theirs.to].status) == (theirs.sid, theirs.status)


async def test_what_the_list_does_not_show_is_asked_about_one_by_one(office: Dialling) -> None:
    await store_silent_calls(office, MANY)
    for call in office.carrier.calls[:15]:
        call.from_number = "+46313900699"  # so that the list of our number does not have it
    await reconcile_calls(office.rt)
    assert await still_open(office) == 0
    assert len(office.carrier.received) == 1 + 15


async def test_several_schedulers_share_the_work(office: Dialling) -> None:
    await store_silent_calls(office, MANY)
    taken = await asyncio.gather(*(Reconciler(office.rt).look() for _ in range(3)))
    assert sum(taken) == MANY
    assert await still_open(office) == 0
    assert len(office.carrier.received) <= 3


async def test_a_carrier_that_has_too_much_is_left_in_peace_for_longer_and_longer(office: Dialling) -> None:
    await store_silent_calls(office, 5)
    reconciler = Reconciler(office.rt)
    for pause_seconds in (10, 20, 40, 60, 60):
        office.carrier.received.clear()
        office.carrier.mishaps.extend([refuse(429, 20429)] * 5)
        assert await reconciler.look() == 5
        asked = len(office.carrier.received)
        assert 1 <= asked <= 5
        office.carrier.mishaps.clear()
        office.clock.turn(seconds=pause_seconds - 1)
        assert await reconciler.look() == 0
        assert len(office.carrier.received) == asked
        office.clock.turn(seconds=1)
    await reconciler.look()
    assert await still_open(office) == 0


async def test_a_carrier_that_answers_some_and_then_has_too_much_is_asked_again_soon(office: Dialling) -> None:
    """One refusal in a round of many must not make a person wait for a minute."""
    calls = 6
    await store_silent_calls(office, calls)
    reconciler = Reconciler(office.rt)
    for settled in range(calls):
        assert await still_open(office) == calls - settled
        office.carrier.mishaps.extend([CarrierStub.behave, *[refuse(429, 20429)] * calls])
        assert await reconciler.look() == calls - settled
        office.carrier.mishaps.clear()
        office.clock.turn(seconds=10)
    assert await still_open(office) == 0


async def test_calls_that_go_on_are_asked_about_again(office: Dialling) -> None:
    await store_silent_calls(office, MANY)
    for call in office.carrier.calls:
        call.status = "ringing"
    assert await reconcile_calls(office.rt) == MANY
    assert await office.reconcile_after(29) == 0
    for place, call in enumerate(office.carrier.calls):
        call.status = STATUSES[place % len(STATUSES)]
    assert await office.reconcile_after(1) == MANY
    assert await still_open(office) == 0


async def test_of_a_process_that_died_meanwhile_they_are_due_again(office: Dialling) -> None:
    await store_silent_calls(office, 3)
    asked = asyncio.Event()

    async def say_nothing(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        asked.set()
        await stub.stopping.wait()
        return web.Response(status=503)

    office.carrier.mishaps.extend([say_nothing] * 3)
    died = asyncio.create_task(Reconciler(office.rt).look())
    await asked.wait()
    died.cancel()
    await asyncio.wait([died])
    office.carrier.mishaps.clear()
    assert await office.reconcile_after(24) == 0
    assert await office.reconcile_after(2) == 3


async def test_no_more_questions_are_asked_a_second_than_were_allowed() -> None:
    loop = asyncio.get_running_loop()
    asked_at: list[float] = []

    async def question() -> None:
        asked_at.append(loop.time())

    questions = Questions(Spacing(100))
    await asyncio.gather(*(questions.ask(question) for _ in range(20)))
    assert asked_at[-1] - asked_at[0] >= 0.19 - 0.02


async def test_after_three_failures_in_a_row_the_rest_of_a_round_is_not_asked() -> None:
    async def fail() -> None:
        raise CarrierUnavailable("away")

    questions = Questions(Spacing(10_000))
    for _ in range(10):
        with pytest.raises(CarrierUnavailable):
            await questions.ask(fail)
    assert questions.asked == 3


def test_the_carriers_own_wish_is_kept_to_within_a_minute() -> None:
    patience = Patience()
    for asked_for, waited in ((None, 10), (45.0, 45), (3_600.0, 60)):
        until = patience.failed(FIRST_MOMENT, CarrierBusy("too much", asked_for))
        assert (until - FIRST_MOMENT).total_seconds() == waited
    patience.answered()
    assert not patience.is_away(FIRST_MOMENT)
