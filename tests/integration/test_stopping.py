"""Stop with hanging up: every call that is under way ends at once, whatever becomes of one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from gdial.actions.change_run import stop_run
from gdial.storage.recipients import NewRecipient
from gdial.storage.runs import Run
from tests.support.carrier_stub import CarrierStub, refuse
from tests.support.dialling import Dialling, dialling
from tests.support.postgres_wire import PostgresWire, postgres_wire
from tests.support.stored_runs import make_person

CALLS = 12


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url) as running:
        yield running


async def ring(office: Dialling, how_many: int = CALLS) -> Run:
    people: list[NewRecipient] = [make_person(f"+4670174{n:04}") for n in range(how_many)]
    run = await office.store_run(*people)
    for person in people:
        assert await office.place(person)
    return run


def statuses(office: Dialling) -> list[str]:
    return [call.status for call in office.carrier.calls]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_calls_are_hung_up_side_by_side(office: Dialling) -> None:
    """Until the last of them has come, the carrier answers no request to hang up."""
    asked, all_asked = 0, asyncio.Event()

    async def answer_together(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if asked == CALLS:
            all_asked.set()
        await all_asked.wait()
        return await stub.behave(request)

    run = await ring(office)
    office.carrier.mishaps.extend([answer_together] * CALLS)
    await stop_run(office.rt, run.id, hang_up=True)
    assert statuses(office) == ["completed"] * CALLS


async def test_one_that_cannot_be_hung_up_keeps_none_of_the_others(office: Dialling) -> None:
    run = await ring(office)
    office.carrier.mishaps.append(refuse(503))
    await stop_run(office.rt, run.id, hang_up=True)
    assert statuses(office).count("completed") == CALLS - 1


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[PostgresWire]:
    async with postgres_wire(database_url) as running:
        yield running


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("place", range(3, 8))
async def test_a_connection_that_is_lost_meanwhile_keeps_at_most_one(
    tmp_path: Path, wire: PostgresWire, place: int
) -> None:
    """The operator is not told of an error where the run has been stopped."""
    async with dialling(tmp_path / "gdial", wire.url) as office:
        run = await ring(office, how_many=3)
        wire.lose_a_commit(after=place)
        await stop_run(office.rt, run.id, hang_up=True)
        assert statuses(office).count("completed") >= 2
