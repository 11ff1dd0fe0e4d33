"""Things that happen at the same moment, in one process and in two, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gdial.actions.change_run import pause_run, stop_run
from gdial.actions.close_runs import keep_runs
from gdial.actions.prepare_run import RunWish
from gdial.actions.show_run import show_run
from gdial.actions.start_run import IdempotencyKey, start_run
from gdial.dialing.states import CallStatus, Outcome, RecipientState, RunMode, RunState
from gdial.storage import events
from gdial.storage.database import Database
from gdial.storage.recipients import NewRecipient
from gdial.storage.runs import Run
from tests.support.carrier_stub import CarrierStub, refuse
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import NUMBER, OURS, facts_of, make_person, store_contact

HOME = "+46313900601"
ORDINARY_LINES = 90


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url) as running:
        yield running


@pytest.fixture
async def second_office(office: Dialling, database_url: str) -> AsyncIterator[Dialling]:
    """Another process on the same database, over the same carriers."""
    database = Database(database_url)
    yield replace(office, rt=replace(office.rt, database=database))
    await database.close()


async def at_once(*things: Coroutine[Any, Any, Any]) -> list[Any]:
    """All of them, which must not fail nor hang."""
    async with asyncio.timeout(30):
        return await asyncio.gather(*things)


def crowd(how_many: int) -> list[NewRecipient]:
    return [make_person(f"+4670174{place:04}", name=f"Person {place}") for place in range(how_many)]


async def ring(office: Dialling, *people: NewRecipient) -> tuple[Run, list[tuple[Any, str]]]:
    """Their run, and the attempt and SID of each one's call, which is being rung."""
    run = await office.store_run(*people)
    for person in people:
        assert await office.place(person)
    return run, [(call.id, str(call.call_sid)) for call in await office.calls(run)]


async def free_lines(office: Dialling, mode: RunMode = RunMode.REAL) -> int:
    return await office.rt.networks[mode].pace.free_lines(1)


async def test_one_callback_delivered_twenty_times_at_once_counts_once(
    office: Dialling, second_office: Dialling
) -> None:
    person = make_person()
    _, [(attempt, sid)] = await ring(office, person)
    doors = [office, second_office]
    told = await at_once(*(doors[n % 2].hear(attempt, sid, CallStatus.BUSY) for n in range(20)))
    assert all(call is not None for call in told)
    async with office.rt.database.reading() as tx:
        assert len(await events.of_attempt(tx, attempt, "status")) == 1
    facts = await facts_of(office.rt.database, person.id)
    assert (facts.state, facts.round, facts.attempts) == (RecipientState.WAITING, 1, 1)
    assert await free_lines(office) == ORDINARY_LINES, "the line was freed once"


async def test_of_many_keys_for_one_prompt_the_first_stands_and_everybody_gets_the_same_answer(
    office: Dialling, second_office: Dialling
) -> None:
    person = make_person()
    run, [(attempt, sid)] = await ring(office, person)
    doors = [office, second_office]
    told = await at_once(*(doors[n % 2].press(attempt, sid, str(1 + n % 2)) for n in range(20)))
    (answer,) = {tuple(call.presses) for call in told}
    facts = await facts_of(office.rt.database, person.id)
    assert answer in (("1",), ("2",))
    assert facts.answer == (answer[0] if answer[0] in run.responses else None)


async def test_all_words_about_many_calls_at_once_come_to_one_result_each(
    office: Dialling, second_office: Dialling
) -> None:
    people = crowd(8)
    run, calls = await ring(office, *people)
    words = [CallStatus.INITIATED, CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED]
    doors = [office, second_office]
    await at_once(
        *(
            doors[turn % 2].hear(attempt, sid, word)
            for turn in range(2)
            for word in words
            for attempt, sid in reversed(calls)
        ),
        *(office.press(attempt, sid, "1") for attempt, sid in calls),
        *(keep_runs(door.rt) for door in doors),
    )
    await keep_runs(office.rt)
    view = await show_run(office.rt, run.id)
    assert (view.counts.reached, view.run.state, view.ledger_balances) == (8, RunState.DONE, True)
    assert {call.status for call in await office.calls(run)} == {"completed"}
    assert await free_lines(office) == ORDINARY_LINES


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_key_at_the_moment_of_hanging_up_counts(office: Dialling, second_office: Dialling) -> None:
    people = crowd(20)
    _, calls = await ring(office, *people)
    words: list[Coroutine[Any, Any, Any]] = []
    for place, (attempt, sid) in enumerate(calls):
        pair = [office.press(attempt, sid, "1"), second_office.hear(attempt, sid, CallStatus.COMPLETED)]
        words += pair if place % 2 else pair[::-1]
    await at_once(*words)
    for person in people:
        facts = await facts_of(office.rt.database, person.id)
        assert (facts.outcome, facts.answer, facts.open_attempt_id) == (Outcome.REACHED, "1", None)
        assert not await office.place(person)


async def test_one_doorbell_that_rings_many_times_at_once_rings_one_phone(
    office: Dialling, second_office: Dialling
) -> None:
    person = make_person()
    await office.store_run(person)
    doors = [office, second_office]
    placed = await at_once(*(doors[n % 2].place(person) for n in range(20)))
    assert placed.count(True) == 1
    assert len(office.carrier.creates) == 1
    assert await free_lines(office) == ORDINARY_LINES - 1


async def test_somebody_who_is_in_two_runs_at_once_has_one_call_at_a_time(
    office: Dialling, second_office: Dialling
) -> None:
    contact = await store_contact(office.rt.database, "Anna Ek", NUMBER, HOME)
    one, other = make_person(NUMBER, contact_id=contact), make_person(HOME, contact_id=contact)
    runs = [await office.store_run(one), await office.store_run(other)]
    placed = await at_once(office.place(one), second_office.place(other))
    assert sorted(placed) == [False, True]
    assert len(office.carrier.creates) == 1

    first = placed.index(True)
    call = await office.only_call(runs[first])
    await office.hear(call.id, str(call.call_sid), CallStatus.COMPLETED)
    office.clock.turn(seconds=5)
    assert await office.place((one, other)[1 - first])
    assert len(office.carrier.creates) == 2


async def test_a_drill_and_a_real_run_ring_the_same_person_each_over_its_own_network(
    office: Dialling, second_office: Dialling
) -> None:
    office.carriers[RunMode.DRILL].add_call("+46313900699", OURS, None, "completed")  # no two carriers share a SID
    contact = await store_contact(office.rt.database, "Anna Ek", NUMBER)
    drilled, rung = (make_person(NUMBER, contact_id=contact) for _ in range(2))
    drill = await office.store_run(drilled, mode=RunMode.DRILL)
    run = await office.store_run(rung)
    assert await at_once(office.place(drilled), second_office.place(rung)) == [True, True]
    for mode, its_run in ((RunMode.DRILL, drill), (RunMode.REAL, run)):
        assert [dict(seen.form)["To"] for seen in office.carriers[mode].creates] == [NUMBER]
        call = await office.only_call(its_run)
        await office.hear(call.id, str(call.call_sid), CallStatus.COMPLETED)
        assert await free_lines(office, mode) == ORDINARY_LINES


async def test_a_stop_between_claims_leaves_nobody_waiting_and_starts_nothing_more(
    office: Dialling, second_office: Dialling
) -> None:
    people = crowd(30)
    run = await office.store_run(*people)
    doors = [office, second_office]
    placing = [doors[n % 2].place(person) for n, person in enumerate(people)]
    *placed, _ = await at_once(*placing[:10], *placing[10:], stop_run(second_office.rt, run.id))
    creates = len(office.carrier.creates)
    assert creates == placed.count(True)
    assert [await office.place(person) for person in people] == [False] * 30
    assert len(office.carrier.creates) == creates
    for call in await office.calls(run):
        if call.call_sid is not None:
            await office.hear(call.id, call.call_sid, CallStatus.NO_ANSWER)
    await keep_runs(office.rt)
    view = await show_run(office.rt, run.id)
    assert (view.counts.stopped, view.run.state) == (30, RunState.STOPPED)
    assert view.run.ended_at is not None
    assert await free_lines(office) == ORDINARY_LINES


async def test_a_call_that_is_placed_while_the_run_is_stopped_with_hanging_up_is_hung_up(office: Dialling) -> None:
    person = make_person()
    run = await office.store_run(person)

    async def stop_first(stub: CarrierStub, request: Any) -> Any:
        await stop_run(office.rt, run.id, hang_up=True)
        return await stub.behave(request)

    office.carrier.mishaps.append(stop_first)
    assert await office.place(person)
    assert office.carrier.calls[0].status == "completed"


async def test_a_pause_by_the_operator_and_one_by_the_carrier_at_once_are_one_pause(
    office: Dialling, second_office: Dialling
) -> None:
    people = crowd(10)
    run = await office.store_run(*people)
    office.carrier.mishaps.extend([refuse(401, 20003)] * 10)
    doors = [office, second_office]
    await at_once(*(doors[n % 2].place(person) for n, person in enumerate(people)), pause_run(office.rt, run.id))
    view = await show_run(office.rt, run.id)
    assert (view.run.state, view.counts.waiting) == (RunState.PAUSED, 10)
    assert view.run.paused_because
    assert await free_lines(office) == ORDINARY_LINES


async def test_a_run_starts_under_a_key_while_something_else_is_being_stored(office: Dialling) -> None:
    """The button is pressed as words about other calls come in: it waits its turn, and holds up nothing meanwhile."""
    contact = await store_contact(office.rt.database, "Anna Ek", NUMBER)
    wish = RunWish(
        name="Brand", contact_ids=[contact], text="Tryck 1.", responses={"1": {"label": "Kommer", "reply": ""}}
    )
    async with office.rt.database.transaction() as tx:
        await events.undecided(tx, office.clock.now, 1)
        starting = asyncio.create_task(start_run(office.rt, wish, IdempotencyKey("larm", "a" * 64)))
        for _ in range(20):
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.01)
            assert asyncio.get_running_loop().time() - began < 2
    async with asyncio.timeout(30):
        started = await starting
    assert (await start_run(office.rt, wish, IdempotencyKey("larm", "a" * 64))).run.id == started.run.id
