"""Every way in which callbacks can come, in a run that goes on and in one that was stopped, for a call whose id is
known and for one whose create went astray: the call ends as the carrier says, the key counts, the ledger balances."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path

import pytest

from gdial.actions.change_run import stop_run
from gdial.actions.close_runs import keep_runs
from gdial.actions.run_ledger import show_ledger
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus, Outcome
from gdial.storage.run_lists import CallRow
from gdial.storage.runs import Run
from tests.support.carrier_stub import fail_after_accepting
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import NUMBER, facts_of, make_person

INITIATED, RINGING, ANSWERED, OVER = (
    CallStatus.INITIATED,
    CallStatus.RINGING,
    CallStatus.IN_PROGRESS,
    CallStatus.COMPLETED,
)
KEY = "key"
ORDERS = {
    "in order": (INITIATED, RINGING, ANSWERED, KEY, OVER),
    "doubled": (INITIATED, INITIATED, RINGING, RINGING, ANSWERED, ANSWERED, KEY, KEY, OVER, OVER),
    "swapped": (RINGING, INITIATED, ANSWERED, KEY, OVER, RINGING),
    "the end before the answer": (RINGING, OVER, ANSWERED, KEY),
    "backwards": (OVER, KEY, ANSWERED, RINGING, INITIATED),
    "all but the last lost": (KEY, OVER),
    "the last lost": (INITIATED, RINGING, ANSWERED, KEY),
    "all lost but the key": (ANSWERED, KEY),
}


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url) as running:
        yield running


async def placed(office: Dialling, *, goes_astray: bool) -> tuple[Run, CallRow, str]:
    person = make_person(NUMBER)
    run = await office.store_run(person, policy=Policy(rounds=1))
    if goes_astray:
        office.carrier.mishaps.append(fail_after_accepting(500))
    assert await office.place(person)
    office.carrier.calls[0].created = office.clock.now
    office.carrier.calls[0].status = "completed"
    return run, await office.only_call(run), office.carrier.calls[0].sid


async def tell(office: Dialling, call: CallRow, sid: str, words: tuple[CallStatus | str, ...]) -> None:
    for word in words:
        if isinstance(word, CallStatus):
            await office.hear(call.id, sid, word)
        else:
            await office.press(call.id, sid, "1")


async def assert_all_is_told(office: Dialling, run: Run, sid: str) -> None:
    for _ in range(3):
        await office.reconcile_after(120)
    await keep_runs(office.rt)
    (call,) = await office.calls(run)
    assert (call.call_sid, call.status, call.digits) == (sid, "completed", "1")
    facts = await facts_of(office.rt.database, call.recipient_id)
    assert (facts.outcome, facts.answer, facts.open_attempt_id) == (Outcome.REACHED, "1", None)
    view = await show_ledger(office.rt, run.id)
    assert view.at_end is not None
    assert view.balances, view.faults
    assert len(office.carrier.creates) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("goes_astray", [False, True], ids=["known", "unknown"])
@pytest.mark.parametrize("is_stopped", [False, True], ids=["running", "stopped"])
@pytest.mark.parametrize("order", ORDERS)
async def test_however_the_callbacks_come(office: Dialling, order: str, is_stopped: bool, goes_astray: bool) -> None:
    run, call, sid = await placed(office, goes_astray=goes_astray)
    if is_stopped:
        await stop_run(office.rt, run.id)
    await tell(office, call, sid, ORDERS[order])
    await assert_all_is_told(office, run, sid)


async def test_after_the_end_of_the_run_no_order_of_late_words_undoes_anything(office: Dialling) -> None:
    run, call, sid = await placed(office, goes_astray=False)
    await office.hear(call.id, sid, CallStatus.COMPLETED)
    await keep_runs(office.rt)
    for words in permutations((INITIATED, RINGING, ANSWERED, KEY)):
        await tell(office, call, sid, words)
        facts = await facts_of(office.rt.database, call.recipient_id)
        assert (facts.outcome, facts.answer) == (Outcome.REACHED, "1")
    view = await show_ledger(office.rt, run.id)
    assert view.balances, view.faults
    assert len(view.amendments) == 1
