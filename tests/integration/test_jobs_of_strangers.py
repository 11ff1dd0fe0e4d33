"""Jobs that other programs publish: done once, or laid aside with the reason; nobody is rung twice or by mistake."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from gdial.actions.change_run import pause_run, stop_run
from gdial.actions.feed_queue import feed_queue
from gdial.actions.place_call import place_call
from gdial.actions.prepare_run import RunWish
from gdial.actions.start_run import start_run
from gdial.actions.take_job import take_batch_job, take_call_job
from gdial.dialing.states import RecipientState, RunMode, RunState
from gdial.messages.model import MessageContent, Response
from gdial.queue.dead_letters import DeadLetter, discard, list_letters
from gdial.queue.jobs import CALL_BATCH, CALL_SINGLE, DEAD, DRILL_SINGLE, TTS, CallBatchJob, CallJob
from gdial.speech.base import SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses
from gdial.storage import contact_removal, custom_messages, groups, messages, run_lists, runs
from gdial.storage import contacts as stored_contacts
from gdial.storage.groups import NewGroup
from gdial.storage.messages import Message
from gdial.storage.run_lists import RecipientFilter, RecipientRow
from gdial.storage.runs import Run
from gdial.workers.call import run_call_worker
from gdial.workers.tts import run_tts_worker
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import NUMBER, store_contact

SOON_SECONDS = 30.0
OTHER_NUMBER = "+46701740606"
TEXT = "Hej {first_name}! Tryck 1."
RESPONSES = {"1": {"label": "Kommer", "reply": "Tack."}}


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "data", database_url) as opened:
        yield opened


async def all_runs(office: Dialling) -> list[Run]:
    """Oldest first."""
    async with office.rt.database.reading() as tx:
        return (await runs.page(tx, 100, 0))[0][::-1]


async def people_in(office: Dialling, run_id: UUID) -> list[RecipientRow]:
    async with office.rt.database.reading() as tx:
        return (await run_lists.page_of_recipients(tx, run_id, RecipientFilter(), 500, 0))[0]


async def message_of(office: Dialling, responses: dict[str, Response] | None = None) -> UUID:
    content = MessageContent(TEXT, "sv", {"1": Response("Kommer", "Tack.")} if responses is None else responses)
    now = office.clock()
    message = Message(uuid4(), "Brand", content, now, now)
    async with office.rt.database.transaction() as tx:
        await messages.insert(tx, message)
    return message.id


async def run_of(office: Dialling, *contact_ids: UUID, **wish: Any) -> Run:
    words = {"text": TEXT, "responses": RESPONSES} | wish
    return (await start_run(office.rt, RunWish(name="Brand", contact_ids=contact_ids, **words))).run


async def deliver(office: Dialling, *bodies: bytes | dict[str, Any], queue: str = CALL_SINGLE) -> list[DeadLetter]:
    """Let a call worker take these; the letters that lie in `gdial.dead` then."""
    for body in bodies:
        await office.rt.queue.publish(queue, body if isinstance(body, bytes) else json.dumps(body).encode())
    stop = asyncio.Event()
    worker = asyncio.create_task(run_call_worker(office.rt, 5, stop))
    async with asyncio.timeout(SOON_SECONDS):
        while await office.rt.queue.depth(queue):  # noqa: ASYNC110 - a queue tells nobody that it is empty
            await asyncio.sleep(0.002)
        stop.set()
        await worker
    letters, _ = await list_letters(office.rt.queue, 100, 0)
    await discard(office.rt.queue)
    return letters


def job(contact_id: object, **fields: Any) -> dict[str, Any]:
    """As any program would write it."""
    made = {"job_id": str(uuid4()), "created_at": datetime.now(UTC).isoformat()}
    given = {"contact_id": contact_id, **fields}
    return made | {name: str(value) if isinstance(value, UUID) else value for name, value in given.items()}


async def test_a_text_for_one_person_rings_that_person(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER, OTHER_NUMBER)

    wish = job(karin, custom_message_content=TEXT, dtmf_responses=RESPONSES, priority=9)
    await take_call_job(office.rt, CallJob.model_validate_json(json.dumps(wish)), RunMode.REAL)

    (run,) = await all_runs(office)
    assert (run.mode, run.state, run.priority, run.text) == (RunMode.REAL, RunState.RUNNING, 9, TEXT)
    async with office.rt.database.reading() as tx:
        assert run.custom_message_log_id is not None
        kept = await custom_messages.get(tx, run.custom_message_log_id)
    assert (kept.contact_id, kept.message_content, kept.dtmf_responses) == (karin, TEXT, RESPONSES)
    (person,) = await people_in(office, run.id)
    assert await feed_queue(office.rt) == 1
    assert await place_call(office.rt, person.id)
    (call,) = await office.calls(run)
    assert (call.contact_id, call.number, person.contact_id) == (karin, NUMBER, karin)


async def test_it_may_come_again_and_at_the_same_moment(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    wish = job(karin, custom_message_content=TEXT, dtmf_responses=RESPONSES)
    nameless = {name: value for name, value in wish.items() if name != "job_id"}

    assert await deliver(office, wish, wish, wish) == []
    assert await deliver(office, wish) == []
    assert len(await all_runs(office)) == 1
    assert await deliver(office, nameless, nameless) == []
    assert len(await all_runs(office)) == 2


async def test_done_before_it_stays_done_when_the_person_is_gone(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    wish = job(karin, custom_message_content=TEXT)
    await deliver(office, wish)
    (run,) = await all_runs(office)
    await stop_run(office.rt, run.id)
    async with office.rt.database.transaction() as tx:
        await contact_removal.remove(tx, karin)
    assert await deliver(office, wish) == []


async def test_words_without_keys_reach_who_answers(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    assert await deliver(office, job(karin, custom_message_content="Skolan är stängd.")) == []
    (run,) = await all_runs(office)
    assert run.policy.reached_when == "answered"


async def test_a_message_and_a_text_kept_before_can_be_named(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER, OTHER_NUMBER)
    async with office.rt.database.reading() as tx:
        second = (await stored_contacts.get(tx, karin)).phone_numbers[1]
    message_id = await message_of(office)
    before = await run_of(office, karin)

    by_message = job(karin, message_id=message_id, phone_id=second.id)
    by_text = job(karin, custom_message_id=before.custom_message_log_id)
    assert await deliver(office, by_message) == []
    assert await deliver(office, by_text) == []

    made = [run for run in await all_runs(office) if run.id != before.id]
    said = {(run.message_id, run.custom_message_log_id, run.text) for run in made}
    assert said == {(message_id, None, TEXT), (None, before.custom_message_log_id, TEXT)}
    of_message = next(run for run in made if run.message_id)
    (person,) = await people_in(office, of_message.id)
    assert person.numbers == (OTHER_NUMBER,)


async def test_what_cannot_be_done_lies_aside_with_the_reason_and_the_good_ones_are_done(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    bo = await store_contact(office.rt.database, "Bo Dahl", OTHER_NUMBER)
    async with office.rt.database.reading() as tx:
        (number_of_bo,) = (await stored_contacts.get(tx, bo)).phone_numbers
    gone = uuid4()
    faults = [
        (job(gone, custom_message_content=TEXT), f"there is no contact with id {gone}"),
        (job(karin, custom_message_content=TEXT, phone_id=number_of_bo.id), "is no number of this contact"),
        (job(karin, custom_message_content=TEXT, call_run_id=gone), f"there is no run with id {gone}"),
        (job(karin), "give one of message_id"),
        (job(karin, message_id=gone), f"there is no message with id {gone}"),
        (job(karin, custom_message_id=gone), f"there is no custom message with id {gone}"),
        (job(karin, message_id=gone, custom_message_content=TEXT), "give one of message_id"),
        (job(karin, message_id=gone, dtmf_responses=RESPONSES), "custom_message_content only"),
        (job(karin, custom_message_content=TEXT, dtmf_responses={"x": {"label": "?"}}), "one of 0-9 and #"),
        (job(None, custom_message_content=TEXT), "names nobody to ring"),
    ]
    good = [job(person, custom_message_content=TEXT) for person in (karin, bo)]

    letters = await deliver(office, good[0], *[body for body, _ in faults], good[1])

    reasons = {json.loads(letter.body)["job_id"]: letter.reason for letter in letters}
    assert {reason for body, reason in faults if reason not in reasons.get(body["job_id"], "")} == set()
    assert len(letters) == len(faults)
    rung = {person.contact_id for run in await all_runs(office) for person in await people_in(office, run.id)}
    assert rung == {karin, bo}


async def test_somebody_joins_a_run_and_hears_what_it_says(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    bo = await store_contact(office.rt.database, "Bo Dahl", OTHER_NUMBER)
    run = await run_of(office, karin)
    await pause_run(office.rt, run.id)

    wishes = [job(bo, call_run_id=run.id) for _ in range(3)]
    assert await deliver(office, *wishes, job(karin, call_run_id=run.id)) == []

    people = await people_in(office, run.id)
    assert [person.contact_id for person in people] == [karin, bo]
    assert [person.state for person in people] == [RecipientState.WAITING] * 2
    assert len(await all_runs(office)) == 1
    (letter,) = await deliver(office, job(bo, call_run_id=run.id, custom_message_content="Något annat."))
    assert "says something else" in letter.reason


async def test_who_joins_before_a_run_starts_is_due_when_it_does(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    bo = await store_contact(office.rt.database, "Bo Dahl", OTHER_NUMBER)
    later = office.clock() + timedelta(hours=3)
    run = await run_of(office, karin, scheduled_at=later)
    await take_call_job(office.rt, CallJob(contact_id=bo, call_run_id=run.id), RunMode.REAL)
    assert [person.next_at for person in await people_in(office, run.id)] == [later, later]


async def test_nobody_joins_a_run_that_is_over(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    bo = await store_contact(office.rt.database, "Bo Dahl", OTHER_NUMBER)
    run = await run_of(office, karin)
    await stop_run(office.rt, run.id)
    (letter,) = await deliver(office, job(bo, call_run_id=run.id))
    assert f"run {run.id} is stopped" in letter.reason
    assert [person.contact_id for person in await people_in(office, run.id)] == [karin]


async def test_a_job_of_the_drills_queue_rings_nobody_for_real(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    real = await run_of(office, await store_contact(office.rt.database, "Bo Dahl", OTHER_NUMBER))
    letters = await deliver(
        office, job(karin, custom_message_content=TEXT), job(karin, call_run_id=real.id), queue=DRILL_SINGLE
    )
    assert ["queue of drills" in letter.reason for letter in letters] == [True]
    assert {run.mode for run in await all_runs(office) if run.id != real.id} == {RunMode.DRILL}
    assert len(await people_in(office, real.id)) == 1


async def test_a_batch_makes_one_run_of_its_contacts_and_its_group(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    bo = await store_contact(office.rt.database, "Bo Dahl", OTHER_NUMBER)
    await store_contact(office.rt.database, "Eva Ek", "+46701740607")
    group_id, message_id, run_id = uuid4(), await message_of(office), uuid4()
    async with office.rt.database.transaction() as tx:
        await groups.create(tx, [NewGroup(group_id, "Brandvärn")], office.clock())
        await groups.add_members(tx, group_id, [karin, bo])
    batch = {
        "job_id": str(uuid4()),
        "created_at": "2026-03-01T04:00:00+01:00",
        "contacts": [str(karin)],
        "group_id": str(group_id),
        "message_id": str(message_id),
        "call_run_id": str(run_id),
        "call_run_name": "Brand",
        "call_run_description": "Centralarkivet",
    }
    assert await deliver(office, batch, batch, queue=CALL_BATCH) == []

    (run,) = await all_runs(office)
    assert (run.id, run.name, run.description, run.message_id) == (run_id, "Brand", "Centralarkivet", message_id)
    assert {person.contact_id for person in await people_in(office, run.id)} == {karin, bo}
    # The same id named by another job: more people for the run that is there.
    eva = await store_contact(office.rt.database, "Eva Ek", "+46701740608")
    more = CallBatchJob(contacts=[karin, eva], call_run_id=run_id)
    await asyncio.gather(*(take_batch_job(office.rt, more) for _ in range(3)))
    assert {person.contact_id for person in await people_in(office, run.id)} == {karin, bo, eva}


async def test_two_batches_that_make_the_same_run_at_once_make_it_once(office: Dialling) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    bo = await store_contact(office.rt.database, "Bo Dahl", OTHER_NUMBER)
    message_id, run_id = await message_of(office), uuid4()
    jobs = [CallBatchJob(contacts=[each], message_id=message_id, call_run_id=run_id) for each in (karin, bo, karin)]
    await asyncio.gather(*(take_batch_job(office.rt, each) for each in jobs))
    assert sorted(person.name for person in await people_in(office, run_id)) == ["Bo Dahl", "Karin Öst"]


async def test_a_batch_without_people_rings_nobody(office: Dialling) -> None:
    await store_contact(office.rt.database, "Karin Öst", NUMBER)
    nobody: list[tuple[dict[str, Any], str]] = [
        ({}, "names nobody to ring"),
        ({"contacts": []}, "names nobody to ring"),
        ({"contacts": None, "group_id": None, "call_run_name": "Alla"}, "names nobody to ring"),
        ({"group_id": str(UUID(int=7))}, "there is no group"),
        ({"call_run_id": str(UUID(int=7))}, "there is no run"),
    ]
    for body, reason in nobody:
        (letter,) = await deliver(office, {"job_id": str(uuid4()), **body}, queue=CALL_BATCH)
        assert reason in letter.reason
    assert await all_runs(office) == []


async def test_a_batch_with_a_run_alone_has_its_people_fed(office: Dialling) -> None:
    run = await run_of(office, await store_contact(office.rt.database, "Karin Öst", NUMBER))
    office.rt.bells.feed.clear()
    assert await deliver(office, {"call_run_id": str(run.id)}, queue=CALL_BATCH) == []
    assert office.rt.bells.feed.is_set()


async def test_what_a_message_says_is_spoken_before_it_is_needed(office: Dialling, tmp_path: Path) -> None:
    voices = SpeechProcesses()
    store = AudioStore(tmp_path / "pieces", office.rt.secret, [EspeakEngine(voices)], voices)
    rt = replace(office.rt, speech=store)
    message_id = await message_of(office)
    run = await run_of(office, await store_contact(office.rt.database, "Karin Öst", NUMBER), text="Branden är släckt.")
    job_of = {"message_id": str(message_id), "base_url": "https://elsewhere.example.org"}
    for body in (job_of, {"custom_message_id": str(run.custom_message_log_id)}, {"text_content": "Välkommen hem."}, {}):
        await rt.queue.publish(TTS, json.dumps(body).encode())
    stop = asyncio.Event()
    worker = asyncio.create_task(run_tts_worker(rt, 4, stop))
    async with asyncio.timeout(SOON_SECONDS):
        while not await rt.queue.depth(DEAD) or await rt.queue.depth(TTS):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.002)
    stop.set()
    await worker

    for text in ("Tryck 1.", "Tack.", "Branden är släckt.", "Välkommen hem."):
        assert store.lookup(SpeechRequest(text, "sv")) is not None, text
    (letter,), _ = await list_letters(rt.queue, 10, 0)
    assert "names nothing to speak" in letter.reason
    await store.close()
    await voices.close()
