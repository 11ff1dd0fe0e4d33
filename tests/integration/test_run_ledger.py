"""The ledger of a run: written with its end, amended by what comes after, and loud where it does not add up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from gdial.actions.close_runs import keep_runs
from gdial.actions.run_ledger import show_ledger
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus, RunState
from gdial.monitoring import metrics
from gdial.storage import runs
from gdial.storage.recipients import NewRecipient
from gdial.storage.run_lists import CallRow
from gdial.storage.runs import Run
from gdial.storage.tables import recipients
from tests.support.carrier_stub import fail_after_accepting, refuse
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import make_person

NUMBERS = [f"+4670174060{place}" for place in range(6)]
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


async def call_of(office: Dialling, run: Run, person: NewRecipient) -> CallRow:
    return next(call for call in reversed(await office.calls(run)) if call.recipient_id == person.id)


async def call_ended(office: Dialling, run: Run, person: NewRecipient, status: CallStatus, key: str = "") -> CallRow:
    call = await call_of(office, run, person)
    assert call.call_sid is not None
    if key:
        await office.press(call.id, call.call_sid, key)
    await office.hear(call.id, call.call_sid, status)
    return call


async def run_with(office: Dialling, *people: NewRecipient) -> Run:
    """Each rung once at most, then it is over for them."""
    return await office.store_run(*people, policy=POLICY)


POLICY = Policy(rounds=1)


async def state_of(office: Dialling, run: Run) -> RunState:
    async with office.rt.database.reading() as tx:
        return (await runs.get(tx, run.id)).state


async def test_the_ledger_tells_of_everybody_and_of_every_create(office: Dialling) -> None:
    anna, bo, cia, dan = (make_person(number) for number in NUMBERS[:4])
    run = await run_with(office, anna, bo, cia, dan)
    assert await office.place(anna)
    office.carrier.mishaps.append(fail_after_accepting(500))
    assert await office.place(bo)
    office.carrier.calls[-1].created = office.clock.now
    office.carrier.mishaps.append(refuse(400, 21211))
    assert await office.place(cia)
    office.carrier.mishaps.append(refuse(503))
    assert await office.place(dan)
    await call_ended(office, run, anna, CallStatus.COMPLETED, "1")
    await keep_runs(office.rt)
    assert (await show_ledger(office.rt, run.id)).at_end is None, "the run goes on"
    await office.reconcile_after(FIRST_LIST_SECONDS)
    await office.reconcile_after(SECOND_LIST_SECONDS)
    assert await office.place(dan)
    await call_ended(office, run, bo, CallStatus.BUSY)
    await call_ended(office, run, dan, CallStatus.NO_ANSWER)
    await keep_runs(office.rt)
    view = await show_ledger(office.rt, run.id)
    assert view.balances, view.faults
    assert view.at_end is not None
    assert view.at_end.ledger == view.now
    people, made = view.now.people, view.now.attempts
    assert (people.recipients, people.reached, people.not_reached) == (4, 1, 3)
    assert people.reasons == {"reached": {"key": 1}, "not_reached": {"busy": 1, "no answer": 1, "bad number": 1}}
    assert made.attempts == people.attempts == 5
    assert made.placing == {"accepted": 2, "bad_number": 1, "unknown": 2}
    assert made.settled == {"list": 1, "never_rang": 1}
    assert made.codes == {"21211": 1}
    assert made.statuses == {"busy": 1, "completed": 1, "no-answer": 1}


async def test_a_word_after_the_end_amends_the_ledger_and_rewrites_nothing(office: Dialling) -> None:
    anna = make_person(NUMBERS[0], name="Anna Ek")
    run = await run_with(office, anna)
    assert await office.place(anna)
    call = await call_ended(office, run, anna, CallStatus.NO_ANSWER)
    await keep_runs(office.rt)
    assert await state_of(office, run) is RunState.DONE
    before = (await show_ledger(office.rt, run.id)).at_end
    office.clock.turn(minutes=3)
    await office.press(call.id, call.call_sid or "", "1")
    await office.press(call.id, call.call_sid or "", "1")
    view = await show_ledger(office.rt, run.id)
    assert view.balances, view.faults
    assert view.at_end == before
    assert view.at_end is not None
    assert (view.at_end.ledger.people.reached, view.now.people.reached) == (0, 1)
    (amendment,) = view.amendments
    assert (amendment.name, amendment.attempt_id) == ("Anna Ek", call.id)
    assert amendment.amended_at - view.at_end.written_at == timedelta(minutes=3)
    assert (amendment.change.reason_before, amendment.change.reason_after) == ("no answer", "key")


async def test_an_unknown_call_that_speaks_before_anybody_asks_is_settled_by_that(office: Dialling) -> None:
    anna = make_person(NUMBERS[0])
    run = await run_with(office, anna)
    office.carrier.mishaps.append(fail_after_accepting(500))
    assert await office.place(anna)
    call = await office.only_call(run)
    await office.hear(call.id, office.carrier.calls[0].sid, CallStatus.BUSY)
    await keep_runs(office.rt)
    made = (await show_ledger(office.rt, run.id)).now.attempts
    assert (made.placing, made.settled) == ({"unknown": 1}, {"callback": 1})


async def test_a_call_that_was_given_up_and_lives_after_all_is_told(office: Dialling) -> None:
    anna = make_person(NUMBERS[0])
    run = await run_with(office, anna)
    office.carrier.mishaps.append(fail_after_accepting(500))
    assert await office.place(anna)
    given_up = await office.only_call(run)
    hidden = office.carrier.calls.pop()
    hidden.sid = "CA" + "f" * 32
    await office.reconcile_after(FIRST_LIST_SECONDS)
    await office.reconcile_after(SECOND_LIST_SECONDS)
    assert await office.place(anna)
    await call_ended(office, run, anna, CallStatus.NO_ANSWER)
    await keep_runs(office.rt)
    await office.hear(given_up.id, hidden.sid, CallStatus.IN_PROGRESS)
    await office.press(given_up.id, hidden.sid, "1")
    view = await show_ledger(office.rt, run.id)
    assert view.balances, view.faults
    assert view.now.attempts.settled == {"late_call": 1}
    assert (view.now.attempts.lived_after_all, view.now.people.reached) == (1, 1)


async def test_what_changes_without_a_word_is_found_out(office: Dialling) -> None:
    anna = make_person(NUMBERS[0])
    run = await run_with(office, anna)
    assert await office.place(anna)
    await call_ended(office, run, anna, CallStatus.NO_ANSWER)
    await keep_runs(office.rt)
    async with office.rt.database.transaction() as tx:
        await tx.execute(update(recipients).values(outcome="reached", reason="key"))
    view = await show_ledger(office.rt, run.id)
    assert not view.balances
    assert any("reached, key: 0 by the ledger and its amendments, 1 now" in fault for fault in view.faults)
    assert any("no call of theirs bears" in fault for fault in view.faults)


async def test_a_ledger_that_does_not_balance_at_the_end_is_an_alarm_and_the_run_ends_all_the_same(
    office: Dialling,
) -> None:
    anna = make_person(NUMBERS[0])
    run = await run_with(office, anna)
    assert await office.place(anna)
    async with office.rt.database.transaction() as tx:
        await tx.execute(update(recipients).values(attempts=7))
    alarms = metrics.alarms.labels("ledger")
    before = alarms._value.get()
    await call_ended(office, run, anna, CallStatus.NO_ANSWER)
    await keep_runs(office.rt)
    assert await state_of(office, run) is RunState.DONE
    view = await show_ledger(office.rt, run.id)
    assert view.at_end is not None
    assert any("7 times by their own records" in fault for fault in view.at_end.faults)
    assert alarms._value.get() == before + 1
