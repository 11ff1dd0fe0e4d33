"""Calls that people made to us, on both databases: whom they are for, and what is kept of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from gdial.dialing.states import Outcome, RunMode, RunState
from gdial.messages.model import MessageContent, Response
from gdial.storage import custom_messages, inbound_calls
from gdial.storage.database import Database
from gdial.storage.inbound_calls import InboundCall
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import (
    NUMBER,
    claim,
    ended,
    make_attempt,
    make_person,
    store_contact,
    store_run,
)

CALL = InboundCall(uuid4(), "CA" + "1" * 32, RunMode.REAL, NUMBER, None, None, (), NOW)


async def is_for(database: Database, number: str = NUMBER, mode: RunMode = RunMode.REAL) -> object:
    """(recipient, run) of who rings at NOW, where runs are told for an hour."""
    async with database.reading() as tx:
        return await inbound_calls.whom_it_is_for(tx, number, mode, NOW - timedelta(hours=1))


async def test_a_call_is_stored_once_with_its_presses(database: Database) -> None:
    async with database.transaction() as tx:
        assert await inbound_calls.insert_if_new(tx, CALL)
        assert not await inbound_calls.insert_if_new(tx, replace(CALL, id=uuid4(), number="+46701740699"))
    for presses in ((), ("",), ("", "*", "1")):
        async with database.transaction() as tx:
            await inbound_calls.save_presses(tx, CALL.id, presses)
        async with database.reading() as tx:
            assert await inbound_calls.get(tx, CALL.id) == replace(CALL, presses=presses)
            assert await inbound_calls.find(tx, CALL.call_sid) == replace(CALL, presses=presses)
            assert await inbound_calls.find(tx, "CA" + "2" * 32) is None


async def test_the_run_begun_last_counts_and_in_it_who_is_not_reached(database: Database) -> None:
    anna, elsa = [await store_contact(database, name, NUMBER) for name in ("Anna Ek", "Elsa Ek")]
    older = make_person(contact_id=anna)
    await store_run(database, older, started_at=NOW - timedelta(minutes=5))
    reached = ended(make_person(contact_id=anna), Outcome.REACHED, "1")
    missed = ended(make_person(contact_id=elsa), Outcome.NOT_REACHED)
    run = await store_run(database, reached, missed)
    assert await is_for(database) == (missed.id, run.id)
    async with database.reading() as tx:
        assert await inbound_calls.count_owners(tx, NUMBER) == 2
        assert await inbound_calls.count_owners(tx, "+46701740699") == 0


async def test_who_is_no_contact_is_known_by_the_number_that_was_rung(database: Database) -> None:
    stranger = replace(make_person(), name="Bo Berg")
    run = await store_run(database, stranger)
    assert await is_for(database) is None
    assert await claim(database, make_attempt(run, stranger))
    assert await is_for(database) == (stranger.id, run.id)
    async with database.reading() as tx:
        assert await inbound_calls.count_owners(tx, NUMBER) == 1
    await store_contact(database, "Elsa Ek", NUMBER)
    async with database.reading() as tx:
        assert await inbound_calls.count_owners(tx, NUMBER) == 2


@pytest.mark.parametrize(
    ("facts", "is_told"),
    [
        ({"state": RunState.PAUSED}, True),
        ({"state": RunState.DONE, "ended_at": NOW - timedelta(minutes=59)}, True),
        ({"state": RunState.STOPPED, "ended_at": NOW - timedelta(minutes=61)}, False),
        ({"state": RunState.SCHEDULED, "started_at": None}, False),
        ({"mode": RunMode.DRILL}, False),
    ],
)
async def test_only_what_goes_on_or_ended_lately_is_told(
    database: Database, facts: dict[str, object], is_told: bool
) -> None:
    person = make_person(contact_id=await store_contact(database, "Anna Ek", NUMBER))
    run = await store_run(database, person, **facts)
    assert await is_for(database) == ((person.id, run.id) if is_told else None)
    assert await is_for(database, "+46701740699") is None


async def test_custom_messages_are_listed_newest_first_and_by_person(database: Database) -> None:
    contact_id = await store_contact(database, "Anna Ek", NUMBER)
    content = MessageContent("Ring mig.", "sv", {"1": Response("Ringer", "Tack.")})
    first, second = uuid4(), uuid4()
    async with database.transaction() as tx:
        await custom_messages.insert(tx, first, content, NOW, contact_id)
        await custom_messages.insert(tx, second, content, NOW + timedelta(seconds=1))
    async with database.reading() as tx:
        everything, total = await custom_messages.page(tx, 10, 0)
        of_anna, _ = await custom_messages.page(tx, 10, 0, contact_id)
        (last,), _ = await custom_messages.page(tx, 1, 1)
        kept = await custom_messages.get(tx, first)
    assert ([each.id for each in everything], total) == ([second, first], 2)
    assert of_anna == [kept] == [last]
    assert (kept.message_content, kept.dtmf_responses) == ("Ring mig.", {"1": {"label": "Ringer", "reply": "Tack."}})
