"""Runs mean the same on both databases: what is stored, counted, due, late and over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest

from gdial.dialing.model import Attempt
from gdial.dialing.policy import Policy, ReachedWhen
from gdial.dialing.states import AttemptState, CallStatus, Outcome, RecipientState, RunMode, RunState
from gdial.errors import NotFound
from gdial.storage import attempts, recipients, runs
from gdial.storage.database import Database
from gdial.storage.runs import Counts, Run
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import claim, ended, make_attempt, make_person, store_run
from tests.support.stored_runs import load as recipient_of

MINUTE = timedelta(minutes=1)


async def load(database: Database, run: Run) -> Run:
    async with database.reading() as tx:
        return await runs.get(tx, run.id)


async def test_a_run_comes_back_as_it_was_stored(database: Database) -> None:
    run = await store_run(
        database,
        name="Översvämning i källaren",
        policy=Policy(rounds=7, reached_when=ReachedWhen.ANSWERED),
        responses={"1": {"label": "Kommer", "reply": "Tack ändå."}, "#": {"label": "Nej", "reply": ""}},
        scheduled_at=NOW + MINUTE,
        paused_because="paused by the operator",
    )
    assert await load(database, run) == run


async def test_a_run_that_is_not_there_is_told(database: Database) -> None:
    async with database.reading() as tx:
        with pytest.raises(NotFound, match="run"):
            await runs.get(tx, uuid4())


async def test_times_come_back_in_utc_to_the_microsecond_however_they_were_given(database: Database) -> None:
    stockholm = timezone(timedelta(hours=2))
    moment = datetime(2026, 7, 1, 0, 30, 15, 123456, tzinfo=stockholm)
    run = await store_run(database, deadline_at=moment)
    stored = (await load(database, run)).deadline_at
    assert stored == moment
    assert stored is not None
    assert stored.tzinfo == UTC
    assert stored.microsecond == 123456


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without zone"):
        await store_run(database, deadline_at=datetime(2026, 7, 1, 4, 0))  # noqa: DTZ001 (the fault under test)


async def test_pages_are_newest_first_and_tell_the_total(database: Database) -> None:
    stored = [await store_run(database, created_at=NOW + place * MINUTE) for place in range(5)]
    paused = await store_run(database, state=RunState.PAUSED, created_at=NOW - MINUTE)
    async with database.reading() as tx:
        first, total = await runs.page(tx, 2, 0)
        last, _ = await runs.page(tx, 10, 4)
        only_paused, paused_total = await runs.page(tx, 10, 0, RunState.PAUSED)
    assert [run.id for run in first] == [stored[4].id, stored[3].id]
    assert [run.id for run in last] == [stored[0].id, paused.id]
    assert total == 6
    assert ([run.id for run in only_paused], paused_total) == ([paused.id], 1)


async def test_the_most_urgent_run_is_first_in_line_then_the_oldest(database: Database) -> None:
    young = await store_run(database, created_at=NOW + MINUTE)
    old = await store_run(database)
    urgent = await store_run(database, priority=9, created_at=NOW + 2 * MINUTE)
    for state in (RunState.PAUSED, RunState.SCHEDULED, RunState.DONE, RunState.STOPPED):
        await store_run(database, state=state, priority=10)
    await store_run(database, mode=RunMode.DRILL, priority=10)
    async with database.reading() as tx:
        assert await runs.running(tx, RunMode.REAL) == [(urgent.id, 9), (old.id, 1), (young.id, 1)]


async def test_a_scheduled_run_is_due_at_its_minute(database: Database) -> None:
    later = {"state": RunState.SCHEDULED, "started_at": None, "deadline_at": None}
    due = await store_run(database, **later, scheduled_at=NOW)
    await store_run(database, **later, scheduled_at=NOW + timedelta(microseconds=1))
    await store_run(database, scheduled_at=NOW - MINUTE)
    async with database.transaction() as tx:
        assert [run.id for run in await runs.due_to_start(tx, NOW)] == [due.id]


async def test_a_run_is_past_its_deadline_while_somebody_waits(database: Database) -> None:
    late = await store_run(database, make_person(), deadline_at=NOW)
    paused = await store_run(database, make_person(), deadline_at=NOW, state=RunState.PAUSED)
    await store_run(database, make_person(), deadline_at=NOW + timedelta(microseconds=1))
    await store_run(database, ended(make_person(), Outcome.REACHED), deadline_at=NOW)
    await store_run(database, make_person(), deadline_at=NOW, state=RunState.STOPPED)
    async with database.reading() as tx:
        assert set(await runs.past_deadline(tx, NOW)) == {late.id, paused.id}


async def test_a_stop_that_was_cut_short_is_found_again(database: Database) -> None:
    cut_short = await store_run(database, make_person(), make_person("+46701740606"), state=RunState.STOPPED)
    await store_run(database, ended(make_person(), Outcome.STOPPED), state=RunState.STOPPED)
    await store_run(database, make_person())
    async with database.reading() as tx:
        assert await runs.stopped_with_somebody_waiting(tx) == [cut_short.id]


async def test_counts_and_answers_add_up(database: Database) -> None:
    calling = make_person(state=RecipientState.CALLING, due_at=None)
    run = await store_run(
        database,
        make_person(),
        make_person(),
        calling,
        ended(make_person(), Outcome.REACHED, answer="1"),
        ended(make_person(), Outcome.REACHED, answer="1"),
        ended(make_person(), Outcome.REACHED, answer="#"),
        ended(make_person(), Outcome.REACHED),
        ended(make_person(), Outcome.NOT_REACHED),
        ended(make_person(), Outcome.STOPPED),
    )
    await store_run(database, ended(make_person(), Outcome.REACHED, answer="1"))
    async with database.reading() as tx:
        assert await runs.counts(tx, run.id) == Counts(9, waiting=2, calling=1, reached=4, not_reached=1, stopped=1)
        assert await runs.answers(tx, run.id) == {"#": 1, "1": 2}


async def test_a_run_without_anybody_counts_nobody(database: Database) -> None:
    run = await store_run(database)
    async with database.reading() as tx:
        assert await runs.counts(tx, run.id) == Counts(0, 0, 0, 0, 0, 0)
        assert await runs.answers(tx, run.id) == {}


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.PAUSED, RunState.STOPPED])
async def test_a_run_is_over_when_everybody_has_an_outcome_and_no_call_is_open(
    database: Database, state: RunState
) -> None:
    anna, bo = ended(make_person(), Outcome.REACHED), make_person("+46701740606")
    run = await store_run(database, anna, bo, state=state)
    thanks = make_attempt(run, anna)
    await claim(database, thanks)
    assert await over(database) == []

    await end_person(database, bo.id)
    assert await over(database) == [], "the thanks are still being said"

    await close(database, thanks.facts)
    assert await over(database) == [run.id]

    async with database.transaction() as tx:
        await runs.change(tx, run.id, state=RunState.DONE, ended_at=NOW)
    assert await over(database) == []


async def test_a_run_that_has_not_begun_is_not_over(database: Database) -> None:
    await store_run(database, ended(make_person(), Outcome.NOT_REACHED), state=RunState.SCHEDULED)
    assert await over(database) == []


async def over(database: Database) -> list[UUID]:
    async with database.reading() as tx:
        return [run.id for run in await runs.finished(tx)]


async def end_person(database: Database, recipient_id: UUID) -> None:
    async with database.transaction() as tx:
        before = await recipient_of(tx, recipient_id, lock=True)
        after = replace(before.facts, state=RecipientState.ENDED, outcome=Outcome.NOT_REACHED, due_at=None)
        await recipients.save(tx, before, after, NOW)


async def close(database: Database, attempt: Attempt) -> None:
    closed = replace(attempt, state=AttemptState.CLOSED, status=CallStatus.COMPLETED, ended_at=NOW)
    async with database.transaction() as tx:
        await attempts.save(tx, attempt, closed, None)
