"""A create whose answer was lost is settled by asking, never by dialling again: each turn of it, on a turned clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from gdial.actions.deciding import CLAIM_MARGIN_SECONDS
from gdial.actions.place_call import HELD_UP, record_placing
from gdial.dialing.states import AttemptState, CallStatus, RecipientState
from gdial.storage import attempts
from gdial.storage.attempts import StoredAttempt
from gdial.storage.recipients import NewRecipient
from gdial.storage.run_lists import CallRow
from gdial.storage.runs import Run
from tests.support.carrier_stub import CarrierStub, cut_after_reading, fail_after_accepting, refuse
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import NUMBER, OURS, facts_of, make_person, store_contact

HOME = "+46313900601"
FIRST_LIST_SECONDS, SECOND_LIST_SECONDS = 60, 30


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(
        tmp_path / "gdial",
        database_url,
        unknown_first_list_sec=FIRST_LIST_SECONDS,
        unknown_second_list_sec=SECOND_LIST_SECONDS,
    ) as running:
        yield running


async def state_of(office: Dialling, call: CallRow) -> AttemptState:
    return (await stored(office, call)).facts.state


async def stored(office: Dialling, call: CallRow) -> StoredAttempt:
    async with office.rt.database.reading() as tx:
        found = await attempts.get(tx, call.id)
    assert found is not None
    return found


async def place_and_lose(office: Dialling, *, dialled: bool = True, **values: object) -> tuple[NewRecipient, Run]:
    """Somebody with two numbers, whose create came to nothing that we know of."""
    person = make_person(NUMBER, HOME, contact_id=await store_contact(office.rt.database, "Anna Ek", NUMBER, HOME))
    run = await office.store_run(person, **values)
    office.carrier.mishaps.append(fail_after_accepting(500) if dialled else refuse(500))
    assert await office.place(person)
    assert await state_of(office, await office.only_call(run)) is AttemptState.UNKNOWN
    if dialled:
        office.carrier.calls[-1].created = office.clock.now
    return person, run


async def test_a_call_that_rings_is_found_in_the_carriers_list_and_goes_on_as_ours(office: Dialling) -> None:
    person, run = await place_and_lose(office)
    assert await office.reconcile_after(FIRST_LIST_SECONDS - 1) == 0
    office.carrier.calls[0].status = "ringing"
    assert await office.reconcile_after(1) == 1
    call = await office.only_call(run)
    assert (call.call_sid, call.status) == (office.carrier.calls[0].sid, "ringing")
    assert await state_of(office, call) is AttemptState.PLACED
    assert (await facts_of(office.rt.database, person.id)).state is RecipientState.CALLING
    assert len(office.carrier.creates) == 1


async def test_a_call_that_is_over_by_the_time_it_is_found_counts_as_it_ended(office: Dialling) -> None:
    person, run = await place_and_lose(office)
    office.carrier.calls[0].status = "busy"
    await office.reconcile_after(FIRST_LIST_SECONDS)
    call = await office.only_call(run)
    assert (call.status, await state_of(office, call)) == ("busy", AttemptState.CLOSED)
    facts = await facts_of(office.rt.database, person.id)
    assert (facts.state, facts.number_index) == (RecipientState.WAITING, 1)


async def test_meanwhile_the_person_is_rung_on_no_other_number_and_by_no_other_run(office: Dialling) -> None:
    person, _ = await place_and_lose(office)
    other = make_person(HOME, contact_id=person.contact_id)
    same_number = make_person(NUMBER, name="Elsa Ek")
    await office.store_run(other, same_number, priority=10)
    for _ in range(3):
        for somebody in (person, other, same_number):
            assert not await office.place(somebody)
        office.clock.turn(seconds=FIRST_LIST_SECONDS / 4)
    assert len(office.carrier.creates) == 1


async def test_a_call_that_the_carrier_never_had_is_made_again_to_the_same_number(office: Dialling) -> None:
    person, run = await place_and_lose(office, dialled=False)
    await office.reconcile_after(FIRST_LIST_SECONDS)
    assert not await office.place(person), "the carrier's list may lag: one look is not enough"
    await office.reconcile_after(SECOND_LIST_SECONDS)
    never = await office.only_call(run)
    assert (never.status, never.error, never.call_sid) == ("failed", "never rang", None)
    assert await office.place(person)
    assert [call.number for call in await office.calls(run)] == [NUMBER, NUMBER]
    assert (await facts_of(office.rt.database, person.id)).round == 0


async def test_a_list_that_lags_is_read_twice(office: Dialling) -> None:
    person, run = await place_and_lose(office)
    listed_late = office.carrier.calls.pop()
    await office.reconcile_after(FIRST_LIST_SECONDS)
    office.carrier.calls.append(listed_late)
    await office.reconcile_after(SECOND_LIST_SECONDS)
    assert (await office.only_call(run)).call_sid == listed_late.sid
    assert not await office.place(person)


async def test_calls_of_other_attempts_are_left_out(office: Dialling) -> None:
    """An earlier call to the same number, well known, within the time that is looked at."""
    person = make_person(NUMBER)
    run = await office.store_run(person)
    assert await office.place(person)
    earlier = await office.only_call(run)
    assert earlier.call_sid is not None
    office.carrier.calls[0].created = office.clock.now
    await office.hear(earlier.id, earlier.call_sid, CallStatus.NO_ANSWER)
    office.clock.turn(seconds=run.policy.wait_between_rounds_seconds)
    office.carrier.calls[0].created = office.clock.now
    office.carrier.mishaps.append(refuse(503))
    assert await office.place(person)
    await office.reconcile_after(FIRST_LIST_SECONDS)
    await office.reconcile_after(SECOND_LIST_SECONDS)
    _, lost = await office.calls(run)
    assert (lost.call_sid, lost.error) == (None, "never rang")


async def test_of_two_calls_the_earliest_is_ours_and_the_other_is_hung_up(office: Dialling) -> None:
    _, run = await place_and_lose(office)
    later = office.carrier.add_call(NUMBER, OURS, office.clock.now + timedelta(seconds=1), "ringing")
    first = office.carrier.calls[0]
    await office.reconcile_after(FIRST_LIST_SECONDS)
    assert (await office.only_call(run)).call_sid == first.sid
    assert (first.status, later.status) == ("queued", "completed")


async def test_the_one_that_spoke_first_is_ours_even_while_the_list_is_read(office: Dialling) -> None:
    _, run = await place_and_lose(office)
    call = await office.only_call(run)
    first = office.carrier.calls[0]
    later = office.carrier.add_call(NUMBER, OURS, office.clock.now + timedelta(seconds=1), "ringing")

    async def speak_while_listing(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        listed = await stub.behave(request)
        await office.hear(call.id, later.sid, CallStatus.RINGING)
        return listed

    office.carrier.mishaps.append(speak_while_listing)
    await office.reconcile_after(FIRST_LIST_SECONDS)
    assert (await office.only_call(run)).call_sid == later.sid
    assert (first.status, later.status) == ("completed", "ringing")


async def test_a_double_that_cannot_be_hung_up_now_is_hung_up_later(office: Dialling) -> None:
    _, run = await place_and_lose(office)
    later = office.carrier.add_call(NUMBER, OURS, office.clock.now + timedelta(seconds=1), "ringing")
    office.carrier.mishaps.extend([CarrierStub.behave, refuse(503)])
    await office.reconcile_after(FIRST_LIST_SECONDS)
    assert later.status == "ringing"
    await office.reconcile_after(10)
    assert later.status == "completed"
    assert (await office.only_call(run)).call_sid == office.carrier.calls[0].sid


@pytest.mark.parametrize("word", [CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.NO_ANSWER])
async def test_a_callback_settles_it_before_anybody_asks(office: Dialling, word: CallStatus) -> None:
    _, run = await place_and_lose(office)
    call, sid = await office.only_call(run), office.carrier.calls[0].sid
    await office.hear(call.id, sid, word)
    settled = await office.only_call(run)
    assert (settled.call_sid, settled.status) == (sid, word)
    assert await office.reconcile_after(FIRST_LIST_SECONDS) <= 1
    assert [seen for seen in office.carrier.received if seen.query.get("To")] == [], "nothing is left to look for"


async def test_a_callback_that_overtakes_the_answer_to_the_create_is_taken_and_the_answer_changes_nothing(
    office: Dialling,
) -> None:
    person = make_person(NUMBER)
    run = await office.store_run(person)

    async def call_back_first(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        answer = await stub.behave(request)
        call = await office.only_call(run)
        for word in (CallStatus.INITIATED, CallStatus.RINGING, CallStatus.IN_PROGRESS):
            await office.hear(call.id, stub.calls[0].sid, word)
        await office.press(call.id, stub.calls[0].sid, "1")
        await office.hear(call.id, stub.calls[0].sid, CallStatus.COMPLETED)
        return answer

    office.carrier.mishaps.append(call_back_first)
    assert await office.place(person)
    call = await office.only_call(run)
    assert (call.status, call.digits, await state_of(office, call)) == ("completed", "1", AttemptState.CLOSED)
    assert (await facts_of(office.rt.database, person.id)).answer == "1"
    assert await office.rt.networks[run.mode].pace.free_lines(1) == 90, "the line is free, once"


async def test_the_answer_that_never_came_and_the_callback_that_did(office: Dialling) -> None:
    person = make_person(NUMBER)
    run = await office.store_run(person)

    async def call_back_and_cut(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        call = stub.accept((await stub.note(request)).form)
        await office.hear((await office.only_call(run)).id, call.sid, CallStatus.RINGING)
        return await cut_after_reading(stub, request)

    office.carrier.mishaps.append(call_back_and_cut)
    assert await office.place(person)
    call = await office.only_call(run)
    assert (call.call_sid, call.status) == (office.carrier.calls[0].sid, "ringing")
    assert await state_of(office, call) is AttemptState.PLACED


@pytest.mark.parametrize("seconds", [-30, 30])
async def test_a_clock_that_is_a_little_wrong_hides_no_call(office: Dialling, seconds: int) -> None:
    """The carrier's is behind ours, or ahead."""
    _, run = await place_and_lose(office)
    office.carrier.calls[0].created = office.clock.now + timedelta(seconds=seconds)
    await office.reconcile_after(FIRST_LIST_SECONDS)
    assert (await office.only_call(run)).call_sid == office.carrier.calls[0].sid


async def test_the_call_is_looked_for_under_the_number_it_was_made_from(office: Dialling) -> None:
    """The caller number in the settings is another one since the restart."""
    _, run = await place_and_lose(office)
    networks = {mode: replace(network, from_numbers=("+46313900699",)) for mode, network in office.rt.networks.items()}
    restarted = replace(office, rt=replace(office.rt, networks=networks))
    await restarted.reconcile_after(FIRST_LIST_SECONDS)
    assert (await office.only_call(run)).call_sid == office.carrier.calls[0].sid


async def test_while_the_carrier_is_away_nothing_is_concluded(office: Dialling) -> None:
    person, run = await place_and_lose(office)
    for _ in range(6):
        office.carrier.mishaps.append(refuse(503))
        assert await office.reconcile_after(FIRST_LIST_SECONDS) == 1
    assert await state_of(office, await office.only_call(run)) is AttemptState.UNKNOWN
    assert not await office.place(person)
    await office.reconcile_after(FIRST_LIST_SECONDS)
    assert (await office.only_call(run)).call_sid == office.carrier.calls[0].sid


async def test_a_call_of_which_nothing_is_heard_is_asked_about_until_it_ends(office: Dialling) -> None:
    person = make_person(NUMBER)
    run = await office.store_run(person)
    assert await office.place(person)
    office.carrier.calls[0].status = "in-progress"
    assert await office.reconcile_after(run.policy.ring_timeout_seconds + 30) == 1
    assert (await office.only_call(run)).answered
    office.carrier.calls[0].status = "completed"
    assert await office.reconcile_after(office.rt.settings.answered_silence_sec) == 1
    call = await office.only_call(run)
    assert (call.status, await state_of(office, call)) == ("completed", AttemptState.CLOSED)
    assert await office.reconcile_after(3_600) == 0


async def test_a_call_that_the_carrier_has_forgotten_ends(office: Dialling) -> None:
    person = make_person(NUMBER)
    run = await office.store_run(person)
    assert await office.place(person)
    office.carrier.calls.clear()
    await office.reconcile_after(3_600)
    call = await office.only_call(run)
    assert (call.status, await state_of(office, call)) == ("failed", AttemptState.CLOSED)


async def test_a_claim_whose_worker_died_is_looked_for_too(office: Dialling) -> None:
    """Killed between claim and create, or between create and answer: nobody can tell, so the carrier is asked."""
    person = make_person(NUMBER)
    run = await office.store_run(person)

    async def die(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        stub.accept((await stub.note(request)).form)
        raise web.HTTPServiceUnavailable

    office.carrier.mishaps.append(die)
    await office.place(person)
    call = await office.only_call(run)
    async with office.rt.database.transaction() as tx:
        found = await stored(office, call)
        claimed = replace(found.facts, state=AttemptState.CLAIMED, error="")
        await attempts.save(tx, found.facts, claimed, office.clock.now)
    office.carrier.calls[0].created = office.clock.now
    assert await office.reconcile_after(0) == 1
    assert await state_of(office, call) is AttemptState.UNKNOWN
    await office.reconcile_after(FIRST_LIST_SECONDS)
    assert (await office.only_call(run)).call_sid == office.carrier.calls[0].sid


async def test_a_lost_answer_that_is_stored_after_the_reconciler_looked_shortens_no_wait(office: Dialling) -> None:
    """The worker's own word about its create comes when the claim counts as a dead worker's already."""
    person = make_person(NUMBER)
    run = await office.store_run(person)

    async def be_found_first(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        assert await office.reconcile_after(claim_seconds) == 1
        return await fail_after_accepting(500)(stub, request)

    claim_seconds = office.rt.settings.carrier_timeout_sec + CLAIM_MARGIN_SECONDS
    office.carrier.mishaps.append(be_found_first)
    assert await office.place(person)
    assert await state_of(office, await office.only_call(run)) is AttemptState.UNKNOWN
    assert await office.reconcile_after(FIRST_LIST_SECONDS - 1) == 0
    assert await office.reconcile_after(1) == 1


async def test_a_list_that_is_read_too_late_takes_no_call_from_the_attempt_after_it(office: Dialling) -> None:
    """While it is read, a worker that stood still says that it sent nothing, and the person is rung by another."""
    person = make_person(NUMBER)
    run = await office.store_run(person)
    office.carrier.mishaps.append(refuse(500))
    assert await office.place(person)
    lost = await office.only_call(run)
    rings, is_read = asyncio.Event(), asyncio.Event()

    async def be_answered_late(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        answer = await stub.behave(request)
        stub.calls[0].created = office.clock.now
        rings.set()
        await is_read.wait()
        return answer

    async def be_rung_meanwhile(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        await record_placing(office.rt, lost.id, HELD_UP)
        office.clock.turn(seconds=60)
        office.carrier.mishaps.append(be_answered_late)
        placing.append(asyncio.create_task(office.place(person)))
        await rings.wait()
        return await stub.behave(request)

    placing: list[asyncio.Task[bool]] = []
    office.carrier.mishaps.append(be_rung_meanwhile)
    await office.reconcile_after(FIRST_LIST_SECONDS)
    is_read.set()
    assert await placing[0]
    first, second = await office.calls(run)
    assert (first.call_sid, second.call_sid) == (None, office.carrier.calls[0].sid)
