"""What single people hear is spoken before they are rung: in order, a minute of the pace ahead, each piece once."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from gdial.actions.close_runs import start_scheduled
from gdial.actions.prepare_speech import said_to_everybody, utterances
from gdial.actions.run_content import own_content
from gdial.actions.speak_ahead import MOST_JOBS_WAITING, PEOPLE_IN_A_JOB, LookAhead
from gdial.carriers.base import Sound, SpokenByCarrier
from gdial.dialing.states import RecipientState, RunMode, RunState
from gdial.errors import QueueUnavailable
from gdial.messages.dialogue import Spoken
from gdial.monitoring.metrics import REGISTRY
from gdial.queue.in_process import InProcessQueue
from gdial.queue.jobs import TTS, TtsJob, read_job, write_job
from gdial.runtime import Runtime
from gdial.storage import recipients as stored_recipients
from gdial.storage import runs, speech_leads
from gdial.storage.database import Database
from gdial.storage.recipients import NewRecipient
from gdial.storage.runs import Run
from gdial.storage.tables import recipients
from gdial.workers.embedded import run_embedded_workers
from gdial.workers.tts import run_tts_worker
from tests.support.dialling import Dialling, dialling
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import make_person
from tests.support.tone_voice import HummingEngine, humming_store

PACE = 2.0
AHEAD = 120
"""A minute of it."""
SOON_SECONDS = 60.0


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "data", database_url, calls_per_second=PACE) as opened:
        yield opened


@pytest.fixture
async def quick_office(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Dialling]:
    """On SQLite, for what no database decides."""
    shutil.copy(sqlite_template, tmp_path / "gdial.db")
    async with dialling(tmp_path / "data", f"sqlite:///{tmp_path / 'gdial.db'}", calls_per_second=PACE) as opened:
        yield opened


def people(count: int, names: int, first: int = 0) -> list[NewRecipient]:
    """With so many first names, again and again."""
    return [
        replace(make_person(f"+4670{1_000_000 + first + place}"), fields={"first_name": f"Namn {place % names}"})
        for place in range(count)
    ]


async def asked_for(rt: Runtime) -> list[TtsJob]:
    """What lies on the queue, taken from it."""
    jobs = []
    async with rt.queue.looking(TTS, await rt.queue.depth(TTS)) as waiting:
        for delivery in waiting:
            jobs.append(read_job(TtsJob, delivery.body))
            await delivery.acknowledge()
    return jobs


async def names_asked_for(rt: Runtime, run: Run) -> list[str]:
    """Of the people whom the jobs on the queue name, in their order."""
    ids = [each for job in await asked_for(rt) if job.call_run_id == run.id for each in job.recipient_ids or ()]
    async with rt.database.reading() as tx:
        rows = await tx.execute(select(recipients.c.id, recipients.c.fields).where(recipients.c.id.in_(ids)))
        fields: Mapping[UUID, Mapping[str, str]] = {row.id: row.fields for row in rows}
    return [fields[each]["first_name"] for each in ids]


async def ring_the_first(rt: Runtime, run: Run, count: int) -> None:
    async with rt.database.transaction() as tx:
        first = (recipients.c.run_id == run.id) & (recipients.c.position < count)
        await tx.execute(update(recipients).where(first).values(state=RecipientState.ENDED))


async def change_state(rt: Runtime, run: Run, state: RunState) -> None:
    async with rt.database.transaction() as tx:
        await runs.change(tx, run.id, state=state)


@asynccontextmanager
async def speaking(office: Dialling, folder: Path) -> AsyncIterator[tuple[Runtime, HummingEngine]]:
    """The office with a voice, and a tts worker beside it that has done all there is when the block has ended."""
    async with humming_store(folder, office.rt.secret) as (store, engine):
        rt = replace(office.rt, speech=store)
        stop = asyncio.Event()
        worker = asyncio.create_task(run_tts_worker(rt, 2, stop))
        yield rt, engine
        async with asyncio.timeout(SOON_SECONDS):
            while await rt.queue.depth(TTS):  # noqa: ASYNC110 - a queue tells nobody that it is empty
                await asyncio.sleep(0.01)
        stop.set()
        await worker


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("gdial_speech_pieces_total", {"result": result}) or 0.0


async def test_six_hundred_people_with_fifty_first_names_cost_fifty_one_pieces(
    quick_office: Dialling, tmp_path: Path
) -> None:
    run = await quick_office.store_run(*people(600, 50), responses={})
    own = {spoken.text for spoken in said_to_everybody(own_content(run))}
    async with speaking(quick_office, tmp_path / "pieces") as (rt, engine):
        await rt.queue.publish(TTS, write_job(TtsJob(call_run_id=run.id)))
        look = LookAhead(rt)
        for rung in range(0, 601, AHEAD):
            await look.look()
            await ring_the_first(rt, run, rung)
    assert set(Counter(engine.spoken).values()) == {1}
    assert {text for text in engine.spoken if text not in own} == {f"Hej Namn {place}!" for place in range(50)}
    message = [text for text in engine.spoken if text == "Tryck 1." or text.startswith("Hej N")]
    assert len(message) == 51

    await quick_office.store_run(*people(600, 50), responses={})
    made, reused = counted("made"), counted("reused")
    async with speaking(quick_office, tmp_path / "pieces") as (rt, engine):
        await LookAhead(rt).look()
    assert (engine.spoken, counted("made") - made, counted("reused") - reused) == ([], 0, 50)


async def test_no_further_than_a_minute_ahead_and_in_the_order_of_dialling(office: Dialling) -> None:
    rt, look = office.rt, LookAhead(office.rt)
    run = await office.store_run(*people(400, 1_000))
    await look.look()
    assert await names_asked_for(rt, run) == [f"Namn {place}" for place in range(AHEAD)]
    await look.look()
    assert await asked_for(rt) == []
    await ring_the_first(rt, run, 30)
    await look.look()
    assert await names_asked_for(rt, run) == [f"Namn {place}" for place in range(AHEAD, AHEAD + 30)]
    await ring_the_first(rt, run, 390)
    await look.look()
    assert await names_asked_for(rt, run) == [f"Namn {place}" for place in range(390, 400)]


async def test_the_jobs_name_people_by_id_alone(quick_office: Dialling) -> None:
    await quick_office.store_run(*people(25, 1_000))
    await LookAhead(quick_office.rt).look()
    jobs = await asked_for(quick_office.rt)
    assert [len(job.recipient_ids or ()) for job in jobs] == [PEOPLE_IN_A_JOB, PEOPLE_IN_A_JOB, 5]
    assert all("Namn" not in write_job(job).decode() for job in jobs)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_several_schedulers_ask_for_each_piece_once(office: Dialling) -> None:
    run = await office.store_run(*people(900, 300))
    others = [Database(office.rt.settings.database_url) for _ in range(2)]
    looks = [LookAhead(replace(office.rt, database=database)) for database in (office.rt.database, *others)]
    asked: list[str] = []
    for rung in range(0, 901, 90):
        await ring_the_first(office.rt, run, rung)
        await asyncio.gather(*(look.look() for look in looks))
        asked += await names_asked_for(office.rt, run)
    assert sorted(asked) == sorted(f"Namn {place}" for place in range(300))
    # One that comes later, after all the others have died.
    await LookAhead(office.rt).look()
    assert await asked_for(office.rt) == []
    for database in others:
        await database.close()


async def test_a_run_that_joined_nobody_new_asks_for_nothing(quick_office: Dialling) -> None:
    run = await quick_office.store_run(*people(20, 10))
    look = LookAhead(quick_office.rt)
    await look.look()
    assert len(await names_asked_for(quick_office.rt, run)) == 10
    late = stored_recipients.new_rows(quick_office.rt.database.dialect, run.id, people(15, 15, first=20), NOW, 20)
    async with quick_office.rt.database.transaction() as tx:
        await tx.insert_rows(late)
    await look.look()
    assert await names_asked_for(quick_office.rt, run) == [f"Namn {place}" for place in range(10, 15)]


async def test_the_more_urgent_run_is_spoken_for_first(quick_office: Dialling) -> None:
    rt = quick_office.rt
    ordinary = await quick_office.store_run(*people(20, 20))
    urgent = await quick_office.store_run(*people(AHEAD + 10, 1_000, first=500), priority=9)
    look = LookAhead(rt)
    await look.look()
    assert {job.call_run_id for job in await asked_for(rt)} == {urgent.id}
    await ring_the_first(rt, urgent, 10)
    await look.look()
    order = [job.call_run_id for job in await asked_for(rt)]
    assert order == [urgent.id] + [ordinary.id] * 2, "nobody urgent is left"


async def test_a_drill_is_spoken_for_after_a_real_run(quick_office: Dialling) -> None:
    drill = await quick_office.store_run(*people(20, 20), mode=RunMode.DRILL, priority=10)
    real = await quick_office.store_run(*people(20, 20, first=500))
    look = LookAhead(quick_office.rt)
    await look.look()
    assert [job.call_run_id for job in await asked_for(quick_office.rt)] == [real.id] * 2 + [drill.id] * 2


async def test_no_more_is_asked_for_while_much_waits(quick_office: Dialling) -> None:
    rt = quick_office.rt
    network = rt.networks[RunMode.REAL]
    fast = replace(rt, networks={RunMode.REAL: replace(network, pace=type(network.pace)(1_000, 100))})  # type: ignore[call-arg]
    await quick_office.store_run(*people(2_000, 2_000))
    look = LookAhead(fast)
    await look.look()
    waiting = await rt.queue.depth(TTS)
    assert MOST_JOBS_WAITING <= waiting < 2_000 / PEOPLE_IN_A_JOB
    await look.look()
    assert await rt.queue.depth(TTS) == waiting
    await asked_for(rt)
    await look.look()
    assert await rt.queue.depth(TTS) >= MOST_JOBS_WAITING


@pytest.mark.parametrize("state", [RunState.SCHEDULED, RunState.PAUSED, RunState.STOPPED, RunState.DONE])
async def test_a_run_that_does_not_ring_is_not_spoken_for(quick_office: Dialling, state: RunState) -> None:
    await quick_office.store_run(*people(20, 20), state=state)
    await LookAhead(quick_office.rt).look()
    assert await asked_for(quick_office.rt) == []


async def test_what_was_asked_for_before_a_pause_is_spoken_after_it(quick_office: Dialling, tmp_path: Path) -> None:
    run = await quick_office.store_run(*people(30, 30))
    look = LookAhead(quick_office.rt)
    await look.look()
    await change_state(quick_office.rt, run, RunState.PAUSED)
    async with speaking(quick_office, tmp_path / "pieces") as (_, engine):
        pass
    await look.look()
    assert engine.spoken == []
    await change_state(quick_office.rt, run, RunState.RUNNING)
    await look.look()
    assert sorted(await names_asked_for(quick_office.rt, run)) == sorted(f"Namn {place}" for place in range(30))


async def test_a_stopped_run_is_not_spoken_for_any_more(quick_office: Dialling, tmp_path: Path) -> None:
    run = await quick_office.store_run(*people(30, 30))
    await LookAhead(quick_office.rt).look()
    await change_state(quick_office.rt, run, RunState.STOPPED)
    async with speaking(quick_office, tmp_path / "pieces") as (rt, engine):
        assert await rt.queue.depth(TTS) == 3
    assert engine.spoken == []


class FillingQueue(InProcessQueue):
    """Takes so many messages and no more."""

    room = 1

    async def publish(
        self, queue_name: str, body: bytes, *, priority: int = 1, headers: Mapping[str, str] | None = None
    ) -> None:
        if await self.depth(queue_name) >= self.room:
            raise QueueUnavailable("full")
        await super().publish(queue_name, body, priority=priority, headers=headers)


async def test_what_the_queue_did_not_take_is_asked_for_again(quick_office: Dialling) -> None:
    queue = FillingQueue()
    rt = replace(quick_office.rt, queue=queue)
    run = await quick_office.store_run(*people(30, 30))
    look = LookAhead(rt)
    with pytest.raises(QueueUnavailable):
        await look.look()
    first = await names_asked_for(rt, run)
    queue.room = 100
    await look.look()
    assert first + await names_asked_for(rt, run) == [f"Namn {place}" for place in range(30)]


async def test_a_message_that_names_nobody_needs_nothing_beforehand(quick_office: Dialling) -> None:
    await quick_office.store_run(*people(30, 30), text="Det brinner. Tryck 1.")
    look = LookAhead(quick_office.rt)
    await look.look()
    assert await asked_for(quick_office.rt) == []


async def test_each_hears_it_in_the_own_language(quick_office: Dialling, tmp_path: Path) -> None:
    translations = {"en": {"text": "Hello {first_name}! Press 1."}}
    crowd = [replace(person, language="en" if place % 2 else None) for place, person in enumerate(people(8, 2))]
    await quick_office.store_run(*crowd, translations=translations, responses={})
    async with speaking(quick_office, tmp_path / "pieces") as (rt, engine):
        await LookAhead(rt).look()
    assert sorted(engine.spoken) == ["Hej Namn 0!", "Hello Namn 1!"]


async def test_a_scheduled_run_has_all_of_it_spoken_as_it_starts(quick_office: Dialling) -> None:
    run = await quick_office.store_run(*people(5, 5), state=RunState.SCHEDULED, scheduled_at=NOW, started_at=None)
    await start_scheduled(quick_office.rt)
    await LookAhead(quick_office.rt).look()
    jobs = await asked_for(quick_office.rt)
    assert [(job.call_run_id, len(job.recipient_ids or ())) for job in jobs] == [(run.id, 0), (run.id, 5)]


async def test_a_process_that_starts_again_asks_again(quick_office: Dialling) -> None:
    rt = quick_office.rt
    run = await quick_office.store_run(*people(5, 5), state=RunState.PAUSED)
    async with rt.database.transaction() as tx:
        await speech_leads.begin(tx, run.id)
        await speech_leads.move(tx, run.id, 5)
    stop = asyncio.Event()
    stop.set()
    await run_embedded_workers(rt, stop)
    async with rt.database.reading() as tx:
        assert (await speech_leads.look(tx, run.id)).next_position is None


async def test_a_piece_that_is_late_is_spoken_by_the_carrier_and_counted(
    quick_office: Dialling, tmp_path: Path
) -> None:
    said = [Spoken("Hej Anna!", "sv"), Spoken("Det brinner.", "sv")]
    async with humming_store(tmp_path / "pieces", quick_office.rt.secret) as (store, engine):
        rt = replace(quick_office.rt, speech=store)
        late, reused = counted("late"), counted("reused")
        engine.may_speak.clear()
        assert [type(each) for each in await utterances(rt, said, RunMode.REAL)] == [SpokenByCarrier] * 2
        assert counted("late") - late == 2
        engine.may_speak.set()
        assert [type(each) for each in await utterances(rt, said, RunMode.REAL)] == [Sound]
        assert [type(each) for each in await utterances(rt, said, RunMode.REAL)] == [Sound]
        assert (counted("late") - late, counted("reused") - reused) == (2, 4)
        assert sorted(engine.spoken) == ["Det brinner.", "Hej Anna!"]
