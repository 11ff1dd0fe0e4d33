"""Personal data goes when its time is over; what was reached and what was not stays."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from gdial.actions.clear_old_data import Upkeep, clear_old_data, tidy_audio
from gdial.actions.show_run import RunView, show_run
from gdial.actions.system_settings import change_setting
from gdial.dialing.states import AttemptState, CallStatus, Outcome, RunMode, RunState
from gdial.messages.model import MessageContent
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.speech.base import SpeechRequest
from gdial.storage import attempts, custom_messages, events, inbound_calls, installation, run_lists
from gdial.storage.audio_pieces import AudioShelf
from gdial.storage.events import CarrierEvent
from gdial.storage.inbound_calls import InboundCall
from gdial.storage.run_lists import RecipientFilter
from gdial.storage.tables import carrier_events
from gdial.workers.tidying import keep_folder_tidy
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.stored_runs import NUMBER, ended, make_attempt, make_person, store_contact, store_run

CALLED: dict[str, Any] = {
    "state": AttemptState.CLOSED,
    "status": CallStatus.COMPLETED,
    "sid": "CA" + "1" * 32,
    "answered_at": NOW,
    "ended_at": NOW,
    "digits": "1",
    "answer_step": 0,
    "error": f"{NUMBER} answered",
}


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def rt(database_url: str, make_settings: Callable[..., Settings], clock: TurnedClock) -> AsyncIterator[Runtime]:
    """Once on SQLite, once on PostgreSQL."""
    async with opened_runtime(make_settings(database_url=database_url, retention_days=30), clock) as opened:
        yield opened


async def store_ended_run(rt: Runtime, **values: Any) -> Any:
    """One who was reached by a call, one who was not, one who was stopped."""
    contact_id = await store_contact(rt.database, "Anna Ek", NUMBER)
    anna = ended(make_person(contact_id=contact_id), Outcome.REACHED, "1")
    others = [
        ended(make_person("+46701740606", name="Bo"), outcome) for outcome in (Outcome.NOT_REACHED, Outcome.STOPPED)
    ]
    run = await store_run(rt.database, anna, *others, **{"state": RunState.DONE, "ended_at": NOW} | values)
    attempt = make_attempt(run, anna, **CALLED)
    said = CarrierEvent(attempt.facts.id, "key:0", "key", CALLED["sid"], {"step": 0, "digits": "1"}, NOW)
    async with rt.database.transaction() as tx:
        assert await attempts.insert_if_free(tx, attempt)
        assert await events.insert_if_new(tx, said, NOW)
    return run


async def shown(rt: Runtime, run_id: Any) -> tuple[RunView, list[Any], list[Any], int]:
    """The run, its people, its calls, and how many words of the carrier there are."""
    async with rt.database.reading() as tx:
        people, _ = await run_lists.page_of_recipients(tx, run_id, RecipientFilter(), 100, 0)
        calls, _ = await run_lists.page_of_calls(tx, run_id, None, 100, 0)
        words = (await tx.execute(select(func.count()).select_from(carrier_events))).scalar_one()
    return await show_run(rt, run_id), people, calls, words


async def test_what_is_old_loses_its_people_and_keeps_its_counts(rt: Runtime, clock: TurnedClock) -> None:
    run = await store_ended_run(rt)
    before, *_ = await shown(rt, run.id)
    clock.turn(days=30, seconds=1)

    assert await clear_old_data(rt) == 1

    view, people, calls, words = await shown(rt, run.id)
    assert (view.counts, view.answers, view.ledger_balances) == (before.counts, {"1": 1}, True)
    assert (view.counts.reached, view.counts.not_reached, view.counts.stopped) == (1, 1, 1)
    assert view.run.text == run.text, "a text for several people names nobody"
    for person in people:
        assert (person.name, person.fields, person.numbers, person.contact_id) == ("", {}, (), None)
    assert (people[0].outcome, people[0].reason, people[0].answer) == ("reached", "key", "1")
    (call,) = calls
    assert (call.number, call.digits, call.contact_id, call.phone_number_id, call.error) == ("", None, None, None, "")
    assert (call.status, call.answered, call.call_sid) == ("completed", True, CALLED["sid"])
    assert words == 0
    assert await clear_old_data(rt) == 0


@pytest.mark.parametrize("facts", [{}, {"ended_at": None, "state": RunState.PAUSED}])
async def test_what_is_young_or_goes_on_stays_whole(rt: Runtime, clock: TurnedClock, facts: dict[str, Any]) -> None:
    run = await store_ended_run(rt, **facts)
    clock.turn(days=29 if not facts else 400)

    assert await clear_old_data(rt) == 0

    _, people, calls, words = await shown(rt, run.id)
    assert (people[0].name, people[0].numbers, calls[0].number, calls[0].digits, words) == (
        "Anna Ek",
        (NUMBER,),
        NUMBER,
        "1",
        1,
    )


async def test_a_shorter_time_that_is_set_holds_from_the_next_round(rt: Runtime, clock: TurnedClock) -> None:
    run = await store_ended_run(rt)
    clock.turn(days=8)
    assert await clear_old_data(rt) == 0
    await change_setting(rt, "retention_days", 7, "a test")

    assert await clear_old_data(rt) == 1

    assert (await shown(rt, run.id))[1][0].name == ""


async def test_words_for_one_person_and_calls_of_theirs_go_too(rt: Runtime, clock: TurnedClock) -> None:
    contact_id = await store_contact(rt.database, "Anna Ek", NUMBER)
    loose, own = uuid4(), uuid4()
    async with rt.database.transaction() as tx:
        for custom_id in (loose, own):
            await custom_messages.insert(tx, custom_id, MessageContent("Anna, ring mig.", "sv"), NOW, contact_id)
        rang = InboundCall(uuid4(), "CA" + "2" * 32, RunMode.REAL, NUMBER, None, None, ("", "1"), NOW)
        await inbound_calls.insert_if_new(tx, rang)
    person = ended(make_person(contact_id=contact_id), Outcome.REACHED, "1")
    run = await store_run(
        rt.database, person, text="Anna, ring mig.", custom_message_log_id=own, state=RunState.DONE,
        ended_at=NOW + timedelta(days=10),
    )  # fmt: skip

    async def texts() -> tuple[list[str], str]:
        async with rt.database.reading() as tx:
            kept = [(await custom_messages.get(tx, each)).message_content for each in (loose, own)]
        return kept, (await show_run(rt, run.id)).run.text

    clock.turn(days=31)
    await clear_old_data(rt)
    assert await texts() == (["", "Anna, ring mig."], "Anna, ring mig.")
    async with rt.database.reading() as tx:
        call = await inbound_calls.get(tx, rang.id)
    assert call is not None
    assert (call.number, call.presses) == ("", ())
    clock.turn(days=10)
    await clear_old_data(rt)
    assert await texts() == (["", ""], "")


async def test_a_round_comes_at_the_start_and_then_every_hour(rt: Runtime, clock: TurnedClock) -> None:
    upkeep = Upkeep(rt)
    assert [await upkeep.look(), await upkeep.look()] == [True, False]
    clock.turn(minutes=59)
    assert not await upkeep.look()
    clock.turn(minutes=1)
    assert await upkeep.look()
    async with rt.database.reading() as tx:
        cleared_before = await installation.get(tx, "personal_data_cleared_before")
    assert cleared_before == (clock.now - timedelta(days=30)).isoformat()


async def test_audio_not_used_for_as_long_is_deleted(make_settings: Callable[..., Settings]) -> None:
    async with opened_runtime(make_settings(retention_days=30)) as rt:
        old, young = [await rt.speech.prepare(SpeechRequest(text, "sv")) for text in ("Hej Anna!", "Hej Bo!")]
        month_ago = old.path.stat().st_mtime - 31 * 86_400
        os.utime(old.path, (month_ago, month_ago))

        assert await tidy_audio(rt) == 1

        assert (rt.speech.find(old.name), rt.speech.find(young.name)) == (None, young)


async def test_a_worker_clears_the_folder_it_alone_has(make_settings: Callable[..., Settings]) -> None:
    async with opened_runtime(make_settings(retention_days=30)) as rt:
        old, young = [await rt.speech.prepare(SpeechRequest(text, "sv")) for text in ("Hej Anna!", "Hej Bo!")]
        month_ago = old.path.stat().st_mtime - 31 * 86_400
        os.utime(old.path, (month_ago, month_ago))
        stop = asyncio.Event()
        stop.set()
        await keep_folder_tidy(rt, stop)
        assert (rt.speech.find(old.name), rt.speech.find(young.name)) == (None, young)
        young.path.unlink()
        young.path.parent.rmdir()
        await keep_folder_tidy(rt, stop)


async def test_audio_in_the_database_goes_as_that_in_the_folder_does(rt: Runtime, clock: TurnedClock) -> None:
    shelf = AudioShelf(rt.database, clock)
    old, young = "1" * 64, "2" * 64
    await shelf.put(old, "wav", bytes(1_000))
    clock.turn(days=20)
    await shelf.put(young, "wav", bytes(1_000))
    clock.turn(days=11)
    assert await tidy_audio(rt) == 1
    assert set(await shelf.get([old, young])) == {young}


async def test_audio_in_the_database_has_as_much_room_as_the_setting_says(
    make_settings: Callable[..., Settings], clock: TurnedClock
) -> None:
    async with opened_runtime(make_settings(audio_max_bytes=10_000_000), clock) as rt:
        shelf = AudioShelf(rt.database, clock)
        for name in "123":
            await shelf.put(name * 64, "wav", bytes(4_000_000))
            clock.turn(hours=2)
        assert await tidy_audio(rt) == 1
        assert await shelf.get(["1" * 64]) == {}
