"""Attempts mean the same on both databases: who may ring whom, and which calls are asked about."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from gdial.dialing.model import Attempt
from gdial.dialing.states import AttemptState, CallStatus, RunMode, RunState
from gdial.storage import asking, attempts, recipients, run_lists, runs, silent_attempts
from gdial.storage.attempts import NewAttempt
from gdial.storage.database import Database
from gdial.storage.recipients import NewRecipient
from gdial.storage.runs import Run
from tests.support.locks import until_waiting
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import NUMBER, OURS, claim, make_attempt, make_person, store_contact, store_run

OTHER_NUMBER = "+46701740606"
SECOND = timedelta(seconds=1)
OPEN_STATES = [AttemptState.CLAIMED, AttemptState.UNKNOWN, AttemptState.PLACED]


async def load(database: Database, attempt_id: UUID) -> Attempt:
    async with database.reading() as tx:
        stored = await attempts.get(tx, attempt_id)
    assert stored is not None
    return stored.facts


async def change(database: Database, before: Attempt, **facts: object) -> Attempt:
    after = replace(before, **facts)  # type: ignore[arg-type]
    async with database.transaction() as tx:
        await attempts.save(tx, before, after, NOW if after.is_open else None)
    return after


async def two_runs_of_one_contact(database: Database) -> tuple[Run, NewRecipient, Run, NewRecipient]:
    contact = await store_contact(database, "Anna Ek", NUMBER, OTHER_NUMBER)
    one, other = (make_person(NUMBER, OTHER_NUMBER, contact_id=contact) for _ in range(2))
    return await store_run(database, one), one, await store_run(database, other), other


async def test_an_attempt_comes_back_as_it_was_stored(database: Database) -> None:
    person = make_person(contact_id=await store_contact(database, "Anna Ek", NUMBER))
    run = await store_run(database, person)
    new = make_attempt(run, person)
    assert await claim(database, new)
    facts = await change(
        database,
        new.facts,
        state=AttemptState.PLACED,
        status=CallStatus.IN_PROGRESS,
        sid="CA" + "1" * 32,
        answered_at=NOW + timedelta(microseconds=7),
        digits="12",
        answer_step=1,
    )
    async with database.transaction() as tx:
        loaded = await attempts.load_locked(tx, new.facts.id)
        (row,), total = await run_lists.page_of_calls(tx, run.id, person.id, 10, 0)
    assert loaded is not None
    recipient, stored = loaded
    assert stored.facts == facts
    assert (stored.number, stored.from_number, stored.contact_id) == (NUMBER, OURS, person.contact_id)
    assert (recipient.id, recipient.run, stored.claimed_at) == (person.id, run, NOW)
    assert (row.id, row.call_sid, row.answered, row.started_at, total) == (new.facts.id, facts.sid, True, NOW, 1)


async def test_an_attempt_that_is_not_there_is_none(database: Database) -> None:
    async with database.transaction() as tx:
        assert await attempts.get(tx, uuid4()) is None
        assert await attempts.load_locked(tx, uuid4()) is None


@pytest.mark.parametrize("state", OPEN_STATES)
async def test_a_number_with_an_open_attempt_is_rung_by_nobody_else(database: Database, state: AttemptState) -> None:
    anna, elsa = make_person(), make_person()
    run = await store_run(database, anna, elsa)
    first = make_attempt(run, anna)
    assert await claim(database, first)
    opened = await change(database, first.facts, state=state)
    assert not await claim(database, make_attempt(run, elsa))
    assert await claim(database, make_attempt(run, elsa, OTHER_NUMBER))
    await change(database, opened, state=AttemptState.CLOSED)
    assert await claim(database, make_attempt(run, elsa))


async def test_a_person_is_rung_once_over_all_runs_whichever_number(database: Database) -> None:
    run, one, other_run, other = await two_runs_of_one_contact(database)
    first = make_attempt(run, one)
    assert await claim(database, first)
    assert not await claim(database, make_attempt(other_run, other, OTHER_NUMBER))
    await change(database, first.facts, state=AttemptState.CLOSED)
    assert await claim(database, make_attempt(other_run, other, OTHER_NUMBER))


async def test_people_who_are_in_no_list_are_told_apart_by_their_numbers_alone(database: Database) -> None:
    strangers = [make_person(contact_id=None) for _ in range(2)]
    run = await store_run(database, *strangers)
    assert await claim(database, make_attempt(run, strangers[0]))
    assert await claim(database, make_attempt(run, strangers[1], OTHER_NUMBER))


async def test_a_drill_holds_up_no_real_call(database: Database) -> None:
    contact = await store_contact(database, "Anna Ek", NUMBER)
    drilled, rung = make_person(contact_id=contact), make_person(contact_id=contact)
    drill = await store_run(database, drilled, mode=RunMode.DRILL)
    run = await store_run(database, rung)
    assert await claim(database, make_attempt(drill, drilled))
    assert await claim(database, make_attempt(run, rung))
    async with database.reading() as tx:
        assert (await attempts.count_open(tx, RunMode.DRILL), await attempts.count_open(tx, RunMode.REAL)) == (1, 1)


async def test_of_many_who_claim_at_once_exactly_one_wins(database_url: str) -> None:
    """Two processes, ten workers each, want the same person by two numbers."""
    processes = [Database(database_url), Database(database_url)]
    run, one, other_run, other = await two_runs_of_one_contact(processes[0])
    wishes: list[NewAttempt] = []
    for _ in range(5):
        wishes += [make_attempt(run, one), make_attempt(run, one, OTHER_NUMBER)]
        wishes += [make_attempt(other_run, other), make_attempt(other_run, other, OTHER_NUMBER)]
    won = await asyncio.gather(*(claim(processes[place % 2], wish) for place, wish in enumerate(wishes)))
    assert won.count(True) == 1
    async with processes[0].reading() as tx:
        assert await attempts.count_open(tx, RunMode.REAL) == 1
    for process in processes:
        await process.close()


async def test_a_claim_that_is_taken_back_leaves_the_number_free(database: Database) -> None:
    anna, elsa = make_person(), make_person()
    run = await store_run(database, anna, elsa)
    with pytest.raises(KeyError):
        await claim_and_fail(database, make_attempt(run, anna))
    assert await claim(database, make_attempt(run, elsa))


async def claim_and_fail(database: Database, new: NewAttempt) -> None:
    async with database.transaction() as tx:
        assert await attempts.insert_if_free(tx, new)
        raise KeyError


async def test_one_call_of_the_carrier_belongs_to_one_attempt(database: Database) -> None:
    anna, bo = make_person(), make_person(OTHER_NUMBER)
    run = await store_run(database, anna, bo)
    first, second = make_attempt(run, anna), make_attempt(run, bo, OTHER_NUMBER)
    assert await claim(database, first)
    assert await claim(database, second)
    sids = ["CA" + sign * 32 for sign in "123"]
    await change(database, first.facts, sid=sids[0])
    async with database.reading() as tx:
        assert await attempts.sids_of_others(tx, sids, second.facts.id) == {sids[0]}
        assert await attempts.sids_of_others(tx, sids, first.facts.id) == set()
        assert await attempts.sids_of_others(tx, [], first.facts.id) == set()
    with pytest.raises(IntegrityError):
        await change(database, second.facts, sid=sids[0])


async def test_silent_calls_are_asked_about_the_longest_silent_first(database: Database) -> None:
    people = [make_person(f"+467017406{place:02}") for place in range(5)]
    run = await store_run(database, *people)
    new = [make_attempt(run, person, person.facts.numbers[0].number) for person in people]
    for place, wish in enumerate(new):
        assert await claim(database, replace(wish, ask_at=NOW - place * SECOND))
    await change(database, new[1].facts, state=AttemptState.CLOSED)
    async with database.transaction() as tx:
        await attempts.ask_later(tx, new[4].facts.id, NOW + SECOND, lists_read=1)
        assert await silent_attempts.are_any_due(tx, NOW)
        due = await silent_attempts.take_due(tx, NOW, 2, lambda _: NOW + 9 * SECOND)
        assert [attempt.facts.id for attempt in due] == [new[3].facts.id, new[2].facts.id]
        rest = await silent_attempts.take_due(tx, NOW, 10, lambda _: NOW + 9 * SECOND)
        assert [attempt.facts.id for attempt in rest] == [new[0].facts.id]
        assert not await silent_attempts.are_any_due(tx, NOW)
        later = await silent_attempts.take_due(tx, NOW + SECOND, 10, lambda _: NOW + 9 * SECOND)
    assert {attempt.facts.id: attempt.lists_read for attempt in later}[new[4].facts.id] == 1


async def test_after_a_restart_every_placed_call_is_asked_about(database: Database) -> None:
    people = [make_person(f"+467017406{place:02}") for place in range(4)]
    run = await store_run(database, *people)
    states = [AttemptState.PLACED, AttemptState.CLAIMED, AttemptState.UNKNOWN, AttemptState.CLOSED]
    for person, state in zip(people, states, strict=True):
        new = make_attempt(run, person, person.facts.numbers[0].number, state=state)
        assert await claim(database, replace(new, ask_at=NOW + SECOND))
    async with database.transaction() as tx:
        assert await asking.ask_about_all_placed(tx, NOW) == 1
        due = await silent_attempts.take_due(tx, NOW, 10, lambda _: NOW + SECOND)
    assert [attempt.facts.state for attempt in due] == [AttemptState.PLACED]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_waits_for_a_person_sees_them_and_their_run_as_they_are_by_then(database: Database) -> None:
    """A stop, and a word about the call, that come in while somebody waits for the lock."""
    person = make_person()
    run = await store_run(database, person)
    new = make_attempt(run, person)
    assert await claim(database, new)
    async with database.transaction() as holder:
        assert await recipients.get(holder, person.id, lock=True)
        waiting = [asyncio.create_task(load_run_state(database, person.id, wish)) for wish in (None, new.facts.id)]
        await until_waiting(database, len(waiting))
        async with database.transaction() as tx:
            await runs.change(tx, run.id, state=RunState.STOPPED)
        await attempts.save(holder, new.facts, replace(new.facts, state=AttemptState.PLACED), NOW)
    assert await asyncio.gather(*waiting) == [(RunState.STOPPED, None), (RunState.STOPPED, AttemptState.PLACED)]


async def load_run_state(
    database: Database, recipient_id: UUID, attempt_id: UUID | None
) -> tuple[RunState, AttemptState | None]:
    async with database.transaction() as tx:
        if attempt_id is None:
            recipient = await recipients.get(tx, recipient_id, lock=True)
            assert recipient is not None
            return recipient.facts.run_state, None
        loaded = await attempts.load_locked(tx, attempt_id)
        assert loaded is not None
        return loaded[0].facts.run_state, loaded[1].facts.state
