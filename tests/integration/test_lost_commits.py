"""The database stores it, and the connection is lost before we hear so: nobody is rung twice, no line stays busy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from gdial.actions.keep_words import read_in_keys
from gdial.dialing.states import CallStatus, Outcome, RunMode
from gdial.errors import DatabaseUnavailable
from gdial.storage.kept_keys import KeptKey
from tests.support.dialling import Dialling, dialling
from tests.support.postgres_wire import PostgresWire, postgres_wire
from tests.support.stored_runs import facts_of, make_person

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

ORDINARY_LINES = 90


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[PostgresWire]:
    async with postgres_wire(database_url) as running:
        yield running


@pytest.fixture
async def office(tmp_path: Path, wire: PostgresWire) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", wire.url) as running:
        yield running


async def free_lines(office: Dialling) -> int:
    return await office.rt.networks[RunMode.REAL].pace.free_lines(1)


async def test_the_end_of_a_call_is_stored_once_and_its_line_is_free_again(
    office: Dialling, wire: PostgresWire
) -> None:
    person = make_person()
    run = await office.store_run(person)
    assert await office.place(person)
    call = await office.only_call(run)
    wire.lose_a_commit()
    with pytest.raises(DatabaseUnavailable):
        await office.hear(call.id, str(call.call_sid), CallStatus.BUSY)
    assert await office.hear(call.id, str(call.call_sid), CallStatus.BUSY), "the carrier sends it again"
    assert (await facts_of(office.rt.database, person.id)).round == 1
    for _ in range(2):
        await office.reconcile_after(1)
    assert await free_lines(office) == ORDINARY_LINES


async def test_a_claim_that_nobody_knows_of_rings_nobody_and_holds_its_line_until_it_is_settled(
    office: Dialling, wire: PostgresWire
) -> None:
    person = make_person()
    run = await office.store_run(person)
    wire.lose_a_commit(after=1)
    with pytest.raises(DatabaseUnavailable):
        await office.place(person)
    assert not await office.place(person)
    for _ in range(2):
        await office.reconcile_after(1)
    assert await free_lines(office) == ORDINARY_LINES - 1

    for seconds in (15, 60, 30):
        await office.reconcile_after(seconds)
    assert (await office.only_call(run)).error == "never rang"
    assert await free_lines(office) == ORDINARY_LINES
    assert await office.place(person)
    assert len(office.carrier.creates) == 1


async def test_an_accepted_call_is_stored_though_the_first_try_went_unanswered(
    office: Dialling, wire: PostgresWire
) -> None:
    person = make_person()
    run = await office.store_run(person)

    async def lose_the_next(stub: object, request: object) -> object:
        wire.lose_a_commit()
        return await office.carrier.behave(request)  # type: ignore[arg-type]

    office.carrier.mishaps.append(lose_the_next)  # type: ignore[arg-type]
    assert await office.place(person)
    assert (await office.only_call(run)).call_sid == office.carrier.calls[0].sid
    assert len(office.carrier.creates) == 1
    assert await free_lines(office) == ORDINARY_LINES - 1


async def test_a_key_counts_though_its_answer_was_lost(office: Dialling, wire: PostgresWire) -> None:
    person = make_person()
    run = await office.store_run(person)
    assert await office.place(person)
    call = await office.only_call(run)
    wire.lose_a_commit()
    with pytest.raises(DatabaseUnavailable):
        await office.press(call.id, str(call.call_sid), "1")
    again = await office.press(call.id, str(call.call_sid), "1")
    assert again is not None
    assert again.presses == ("1",)
    assert (await facts_of(office.rt.database, person.id)).outcome is Outcome.REACHED


async def test_kept_keys_are_read_in_over_a_line_that_breaks_again_and_again(
    office: Dialling, wire: PostgresWire
) -> None:
    """What was stored before the line broke is not begun anew: else the last of them would wait for ever."""
    people = [make_person(f"+4670174{number:04}", name=f"Person {number}") for number in range(20)]
    run = await office.store_run(*people)
    for person in people:
        assert await office.place(person)
    for call in await office.calls(run):
        key = KeptKey(call.id, False, run.mode, str(call.call_sid), 0, "1", office.clock.now)
        await office.rt.kept_keys.keep(key)
    tries = 0
    while office.rt.kept_keys.are_there():
        tries += 1
        assert tries <= len(people)
        wire.lose_a_commit(after=4)
        with suppress(DatabaseUnavailable):
            await read_in_keys(office.rt)
    wire.lose_none()
    assert tries > 1
    outcomes = {(await facts_of(office.rt.database, person.id)).outcome for person in people}
    assert outcomes == {Outcome.REACHED}
