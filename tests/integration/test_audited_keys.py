"""Keys that nobody could receive: the carrier knows what it asked us and what it was answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gdial.actions.audit_differences import Kind
from gdial.actions.audit_run import AuditResult, audit_run
from gdial.actions.close_runs import keep_runs
from gdial.actions.keep_words import read_in_keys
from gdial.dialing.policy import Policy
from gdial.dialing.states import CallStatus
from gdial.settings.places import kept_keys_folder
from gdial.storage.kept_keys import KeptKey, KeptKeys
from gdial.storage.runs import Run
from tests.support.carrier_stub import refuse
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import NUMBER, make_person

PRESS_URL = "https://calls.example.org/dtmf?attempt=x&token=y&step={step}"


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url, carrier_questions_per_second=1_000) as running:
        yield running


async def audited(office: Dialling, run: Run) -> AuditResult:
    steps = [step async for step in audit_run(office.rt, run.id)]
    result = steps[-1]
    assert isinstance(result, AuditResult)
    return result


async def answered_without_key(office: Dialling) -> tuple[Run, str]:
    """A run that is over, and the call in which somebody answered and no key came."""
    person = make_person(NUMBER, name="Anna Ek")
    run = await office.store_run(person, policy=Policy(rounds=1))
    assert await office.place(person)
    call = await office.only_call(run)
    assert call.call_sid is not None
    office.carrier.calls[0].created = office.clock.now
    for word in (CallStatus.IN_PROGRESS, CallStatus.COMPLETED):
        await office.hear(call.id, call.call_sid, word)
    office.carrier.calls[0].status = "completed"
    await keep_runs(office.rt)
    return run, call.call_sid


def request(keys: str, status: int | None, step: int = 0) -> dict[str, Any]:
    """As the vendor shows it; a request that nobody answered has no answer."""
    url = PRESS_URL.format(step=step)
    answer = None if status is None else {"response_code": status, "content_type": "text/xml"}
    return {"request": {"url": url, "method": "POST", "parameters": {"digits": keys}}, "response": answer}


@pytest.mark.parametrize(("status", "said"), [(502, "key 1, answered 502"), (None, "key 1, no answer")])
async def test_a_key_that_nobody_received_is_shown_with_its_person(
    office: Dialling, status: int | None, said: str
) -> None:
    run, sid = await answered_without_key(office)
    office.carrier.requests[sid] = [request("1", status)]
    (lost,) = (await audited(office, run)).differences
    assert (lost.kind, lost.name, lost.number, lost.theirs) == (Kind.LOST_KEY, "Anna Ek", NUMBER, said)
    office.carrier.requests[sid].append(request("", 200))
    assert (await audited(office, run)).differences == [lost], "silence at the next asking does not bring it back"


async def test_a_key_that_was_taken_when_it_came_again_and_silence_are_no_differences(office: Dialling) -> None:
    run, sid = await answered_without_key(office)
    office.carrier.requests[sid] = [request("", 200), request("9", 503, step=1), request("9", 200, step=1)]
    result = await audited(office, run)
    assert result.agrees, result.differences
    assert (result.keys_checked, result.keys_unchecked) == (1, 0)


async def test_where_the_carrier_keeps_no_record_that_is_said(office: Dialling) -> None:
    run, _ = await answered_without_key(office)
    result = await audited(office, run)
    assert result.agrees
    assert (result.keys_checked, result.keys_unchecked) == (0, 1)


async def test_an_answer_that_goes_astray_is_asked_for_again(office: Dialling) -> None:
    run, sid = await answered_without_key(office)
    office.carrier.requests[sid] = [request("1", 500)]
    office.carrier.mishaps.append(refuse(503))
    assert len((await audited(office, run)).differences) == 1


async def test_a_call_to_the_same_person_that_nobody_here_made_is_told(office: Dialling) -> None:
    run, _ = await answered_without_key(office)
    ours = office.carrier.calls[0]
    office.carrier.requests[ours.sid] = []
    office.carrier.add_call(NUMBER, ours.from_number, office.clock.now, "completed")
    result = await audited(office, run)
    assert [difference.kind for difference in result.differences] == [Kind.UNKNOWN_CALL]


async def test_a_key_that_waits_on_this_machine_is_told_as_kept_and_not_yet_stored(office: Dialling) -> None:
    run, sid = await answered_without_key(office)
    office.carrier.requests[sid] = [request("1", 200)]
    call = await office.only_call(run)
    key = KeptKey(call.id, is_ring_back=False, mode=run.mode, sid=sid, step=0, digits="1", pressed_at=office.clock.now)
    await office.rt.kept_keys.keep(key)
    await office.rt.kept_keys.keep(replace(key, call_id=uuid4()))
    await office.rt.kept_keys.keep(replace(key, step=1, is_ring_back=True))
    left_behind = KeptKeys(kept_keys_folder(office.rt.settings))  # as the process after this one sees it
    for keys in (office.rt.kept_keys, left_behind):
        (told,) = (await audited(replace(office, rt=replace(office.rt, kept_keys=keys)), run)).differences
        assert (told.kind, told.name, told.sid, told.at) == (Kind.KEPT_KEY, "Anna Ek", sid, key.pressed_at)
        assert (told.ours, told.theirs) == ("kept, not yet stored", "key 1")
    await left_behind.close()
    assert await read_in_keys(office.rt) == 3
    assert (await audited(office, run)).agrees, "it is stored"


async def test_an_audit_changes_nothing(office: Dialling) -> None:
    run, sid = await answered_without_key(office)
    office.carrier.requests[sid] = [request("1", 500)]
    before = await office.calls(run)
    await audited(office, run)
    assert await office.calls(run) == before
    assert not [
        seen for seen in office.carrier.received if seen.method == "POST" and seen is not office.carrier.creates[0]
    ]
