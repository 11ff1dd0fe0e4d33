"""One person in one run: what happened, in words; call now; notes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from gdial.actions.acting import installation_actor
from gdial.actions.write_note import write_note
from gdial.dialing.model import NumberToRing
from gdial.dialing.states import AttemptState, CallStatus, Outcome, RecipientState, RunState
from gdial.queue.jobs import CALL_SINGLE
from gdial.runtime import Runtime
from gdial.storage import attempts, events, personal_data
from gdial.storage.attempts import NewAttempt
from gdial.storage.events import CarrierEvent
from gdial.storage.roles import Role
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.runtime import TurnedClock
from tests.support.stored_runs import claim, ended, facts_of, make_attempt, make_person, store_run
from tests.support.visitor import logged_in
from tests.support.web import AUTHORIZED, Api

SWEDISH = {**AUTHORIZED, "Accept-Language": "sv"}
FIRST, SECOND = "+46701740605", "+46701740606"


def told(page: str) -> list[str]:
    """Each line of the history, with its time before it."""
    lines = re.findall(r"<li><time [^>]+>([\d:]+)</time> <span[^>]*>(.*?)</span></li>", page, re.DOTALL)
    return [f"{time} {words}" for time, words in lines]


async def end_call(runtime: Runtime, call: NewAttempt, status: CallStatus, after: float, **facts: object) -> None:
    over = replace(
        call.facts, state=AttemptState.CLOSED, status=status, ended_at=call.claimed_at + timedelta(seconds=after)
    )
    async with runtime.database.transaction() as tx:
        await attempts.save(tx, call.facts, replace(over, **facts), None)  # type: ignore[arg-type]


async def hear(runtime: Runtime, call: NewAttempt, kind: str, after: float, **facts: object) -> None:
    at = call.claimed_at + timedelta(seconds=after)
    word = CarrierEvent(call.facts.id, f"{kind}:{after}", kind, "CA1", facts, at)
    async with runtime.database.transaction() as tx:
        await events.insert_if_new(tx, word, at)


async def test_what_happened_is_told_in_plain_words(api: Api, runtime: Runtime) -> None:
    person = ended(make_person(FIRST, SECOND, attempts=2), Outcome.REACHED, "1")
    run = await store_run(runtime.database, person)
    first = make_attempt(run, person, FIRST)
    second = replace(make_attempt(run, person, SECOND), claimed_at=NOW + timedelta(seconds=20))
    second = replace(second, facts=replace(second.facts, number_index=1))
    assert await claim(runtime.database, first)
    await end_call(runtime, first, CallStatus.BUSY, 4)
    assert await claim(runtime.database, second)
    await hear(runtime, second, "status", 3, status="ringing")
    await hear(runtime, second, "status", 9, status="in-progress", answered_by=None)
    await hear(runtime, second, "key", 15, step=1, digits="1")
    await end_call(runtime, second, CallStatus.COMPLETED, 18, digits="1")
    path = f"/runs/{run.id}/recipients/{person.id}"
    assert told((await api.get(path, headers=SWEDISH)).text) == [
        f"05:00:00 Ringer {FIRST}",
        "05:00:00 Nådd: svarade med en knapp",
        "05:00:04 Upptaget, ringer nästa nummer 05:00:20",
        f"05:00:20 Ringer {SECOND}",
        "05:00:23 Telefonen ringer",
        "05:00:29 Någon lyfte",
        "05:00:35 Tryckte 1: Kommer",
        "05:00:38 Samtalet är slut",
    ]
    english = told((await api.get(path, headers={**AUTHORIZED, "Accept-Language": "en"})).text)
    assert english[2] == "05:00:04 Busy, rings the next number 05:00:20"


async def test_somebody_who_waits_is_told_when_they_are_rung(quick_api: Api, quick_runtime: Runtime) -> None:
    due = NOW + timedelta(minutes=2)
    person = make_person(FIRST, due_at=due, round=1, attempts=1)
    stranger = make_person(SECOND, due_at=NOW)
    run = await store_run(quick_runtime.database, person, stranger)
    call = make_attempt(run, person, FIRST)
    assert await claim(quick_runtime.database, call)
    await end_call(quick_runtime, call, CallStatus.NO_ANSWER, 25)
    page = (await quick_api.get(f"/runs/{run.id}/recipients/{person.id}", headers=SWEDISH)).text
    assert told(page)[-1] == "05:00:25 Ingen lyfte, ringer samma nummer igen 05:02:00"
    assert f'<a href="tel:{FIRST}">' in page
    waits = (await quick_api.get(f"/runs/{run.id}/recipients/{stranger.id}", headers=SWEDISH)).text
    assert told(waits) == ["05:00:00 Väntar på det första samtalet, i tur 05:00:00"]
    other = await store_run(quick_runtime.database)
    assert (await quick_api.get(f"/runs/{other.id}/recipients/{person.id}", headers=SWEDISH)).status == 404


async def test_somebody_is_rung_ahead_of_the_others(quick_api: Api, quick_runtime: Runtime, clock: TurnedClock) -> None:
    person = make_person(FIRST, due_at=NOW + timedelta(minutes=5))
    run = await store_run(quick_runtime.database, person)
    path = f"/runs/{run.id}/recipients/{person.id}"
    clock.turn(seconds=1)
    async with logged_in(quick_api, quick_runtime) as operator:
        pressed = await operator.send(f"{path}/call-now")
        assert (pressed.status, pressed.headers["Location"]) == (303, path)
        assert (await facts_of(quick_runtime.database, person.id)).due_at == clock.now
        consumer = await quick_runtime.queue.consume(CALL_SINGLE, 1)
        doorbell = await consumer.take()
        assert str(person.id).encode() in doorbell.body
        async with logged_in(quick_api, quick_runtime, Role.ADMINISTRATOR, "Ada") as administrator:
            log = (await administrator.get("/api/log")).json["items"]
        assert [entry["object_name"] for entry in log if entry["deed"] == "recipient.changed"] == ["Anna Ek"]


async def test_who_cannot_be_rung_now_is_not(quick_api: Api, quick_runtime: Runtime) -> None:
    over = ended(make_person(FIRST), Outcome.REACHED, "1")
    calling = make_person(SECOND, state=RecipientState.CALLING, due_at=None)
    running = await store_run(quick_runtime.database, over, calling)
    waiting = make_person("+46701740607")
    paused = await store_run(quick_runtime.database, waiting, state=RunState.PAUSED)
    async with logged_in(quick_api, quick_runtime) as operator:
        for run, person, words in (
            (running, over, "It has ended for this person"),
            (running, calling, "Is being rung right now."),
            (paused, waiting, "the run is not going on."),
        ):
            path = f"/runs/{run.id}/recipients/{person.id}"
            page = await operator.get(path)
            assert words in page.text
            assert "/call-now" not in page.text
            before = await facts_of(quick_runtime.database, person.id)
            assert (await operator.send(f"{path}/call-now")).status == 409
            assert await facts_of(quick_runtime.database, person.id) == before


async def test_a_note_is_kept_and_changes_nothing_else(quick_api: Api, quick_runtime: Runtime) -> None:
    person = make_person(FIRST)
    run = await store_run(quick_runtime.database, person)
    path = f"/runs/{run.id}/recipients/{person.id}"
    before = await facts_of(quick_runtime.database, person.id)
    async with logged_in(quick_api, quick_runtime, name="Vera Vakt") as operator:
        assert (await operator.send(f"{path}/notes", text="  Ring <mamman>\r\nkl. 6 ")).status == 303
        page = await operator.get(path)
        assert "Note by Vera Vakt: Ring &lt;mamman&gt;\nkl. 6</span>" in page.text
        for wrong in ("", "  \n", "x" * 2001):
            refused = await operator.send(f"{path}/notes", text=wrong)
            assert refused.status == 422
            assert "A note has between 1 and 2000 characters." in refused.text
        assert len(told((await operator.get(path)).text)) == 2
    async with logged_in(quick_api, quick_runtime, Role.VIEWER, "Viktor") as viewer:
        assert "Ring &lt;mamman&gt;" in (await viewer.get(path)).text
        assert (await viewer.send(f"{path}/notes", text="x")).status == 403
    assert await facts_of(quick_runtime.database, person.id) == before


async def test_a_number_that_cannot_be_rung_is_marked(quick_api: Api, quick_runtime: Runtime) -> None:
    person = make_person(FIRST, SECOND)
    bad = replace(person, facts=replace(person.facts, numbers=(NumberToRing(FIRST, is_bad=True), NumberToRing(SECOND))))
    run = await store_run(quick_runtime.database, bad)
    page = (await quick_api.get(f"/runs/{run.id}/recipients/{bad.id}", headers=SWEDISH)).text
    assert page.count("går inte att ringa") == 1


async def test_notes_go_with_the_names_of_a_run(api: Api, runtime: Runtime) -> None:
    person, other = make_person(FIRST), make_person(SECOND)
    run = await store_run(runtime.database, person, other)
    for recipient in (person, other):
        await write_note(runtime, run.id, recipient.id, "Ring mamman", installation_actor())
    async with runtime.database.transaction() as tx:
        await personal_data.clear_people(tx, run.id, first=0, count=1)
    pages = [
        (await api.get(f"/runs/{run.id}/recipients/{recipient.id}", headers=SWEDISH)).text
        for recipient in (person, other)
    ]
    assert ["Ring mamman" in page for page in pages] == [False, True]
    assert "<h1>(gallrad)</h1>" in pages[0]
