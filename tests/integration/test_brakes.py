"""The brakes hold back programs, never an operator, and lose nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gdial.dialing.brakes import Starter
from gdial.dialing.model import NumberToRing
from gdial.dialing.states import CallStatus, Outcome, Reason, RecipientState
from gdial.storage import contacts
from gdial.storage.recipients import NewRecipient
from gdial.storage.runs import Run
from tests.support.carrier_stub import refuse
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import NUMBER, facts_of, make_person, store_contact

CALLS_AN_HOUR = 3


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url, calls_per_number_per_hour=CALLS_AN_HOUR) as opened:
        yield opened


async def ring_in_vain(office: Dialling, person: NewRecipient, run: Run) -> bool:
    """Whether the person was rung; it is busy, five minutes later."""
    if not await office.place(person):
        return False
    call = (await office.calls(run))[-1]
    office.clock.turn(minutes=5)
    await office.hear(call.id, call.call_sid or "", CallStatus.BUSY)
    return True


async def test_a_number_is_rung_so_often_an_hour_and_whoever_waits_is_rung_when_it_has_passed(
    office: Dialling,
) -> None:
    for _ in range(CALLS_AN_HOUR):
        person = make_person()
        run = await office.store_run(person)
        assert await ring_in_vain(office, person, run)
    waiting = make_person()
    run = await office.store_run(waiting, deadline_at=office.clock.now + timedelta(hours=1))
    assert not await office.place(waiting)
    facts = await facts_of(office.rt.database, waiting.id)
    assert (facts.state, facts.attempts) == (RecipientState.WAITING, 0)
    assert facts.due_at is not None
    assert (facts.due_at - office.clock.now).total_seconds() == 45 * 60
    office.clock.turn(minutes=44)
    assert not await office.place(waiting)
    office.clock.turn(minutes=1)
    assert await office.place(waiting)
    assert len(office.carrier.creates) == CALLS_AN_HOUR + 1


@pytest.mark.parametrize("values", [{"started_by": Starter.OPERATOR}, {"priority": 8}])
async def test_an_operator_and_anything_urgent_ring_all_the_same(
    office: Dialling, values: dict[str, Starter | int]
) -> None:
    for _ in range(CALLS_AN_HOUR + 2):
        person = make_person()
        run = await office.store_run(person, **values)
        assert await ring_in_vain(office, person, run)


async def test_calls_that_never_rang_do_not_count(office: Dialling) -> None:
    office.carrier.mishaps.extend(refuse(429, 20429) for _ in range(CALLS_AN_HOUR))
    person = make_person()
    await office.store_run(person)
    for _ in range(CALLS_AN_HOUR + 1):
        assert await office.place(person)
        office.clock.turn(minutes=1)


async def test_whom_the_hour_outlasts_ends_with_the_reason(office: Dialling) -> None:
    for _ in range(CALLS_AN_HOUR):
        person = make_person()
        assert await ring_in_vain(office, person, await office.store_run(person))
    late = make_person()
    await office.store_run(late, deadline_at=office.clock.now.replace(minute=40))
    assert not await office.place(late)
    facts = await facts_of(office.rt.database, late.id)
    assert (facts.outcome, facts.reason) == (Outcome.NOT_REACHED, Reason.RUNG_ENOUGH)


async def own(office: Dialling, name: str) -> tuple[UUID, NewRecipient]:
    """A contact with the number that everybody here shares, and a recipient of theirs."""
    contact_id = await store_contact(office.rt.database, name, NUMBER)
    async with office.rt.database.reading() as tx:
        number = (await contacts.get(tx, contact_id)).phone_numbers[0]
    person = make_person(contact_id=contact_id, name=name)
    (listed,) = person.facts.numbers
    return contact_id, _with_number_id(person, number.id, listed.number)


def _with_number_id(person: NewRecipient, number_id: UUID, number: str) -> NewRecipient:
    return replace(person, facts=replace(person.facts, numbers=(NumberToRing(number, number_id),)))


async def test_a_number_found_bad_is_tried_once_whosever_it_is_in_this_run_and_others(office: Dialling) -> None:
    anna_id, anna = await own(office, "Anna Ek")
    _, bo = await own(office, "Bo Ek")
    _, cia = await own(office, "Cia Ek")
    await office.store_run(anna, bo)
    await office.store_run(cia)
    office.carrier.mishaps.append(refuse(400, 21211))
    assert await office.place(anna)
    for other in (bo, cia):
        assert not await office.place(other)
        facts = await facts_of(office.rt.database, other.id)
        assert (facts.outcome, facts.reason) == (Outcome.NOT_REACHED, Reason.BAD_NUMBER)
    assert len(office.carrier.creates) == 1
    async with office.rt.database.reading() as tx:
        (marked,) = (await contacts.get(tx, anna_id)).phone_numbers
    assert (marked.bad_since, marked.bad_code) == (office.clock.now, "21211")
