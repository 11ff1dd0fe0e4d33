"""`/tts/jobs` and `/tts/audio`: a text in, audio out, by whichever process speaks."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from gdial.actions.clear_old_data import clear_old_data
from gdial.actions.order_speech import MOST_OPEN, MOST_TRIES, PUBLISHED_AT_ONCE, publish_ordered, speak_ordered
from gdial.errors import QueueUnavailable, SpeechUnavailable
from gdial.queue.in_process import InProcessQueue
from gdial.queue.jobs import DEAD, TTS, TtsJob, read_job, write_job
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.speech.cache import AudioStore
from gdial.speech.processes import SpeechProcesses
from gdial.storage import speech_jobs, tables
from gdial.workers.embedded import run_embedded_workers
from gdial.workers.tts import run_tts_worker
from tests.support.dialling import MuteEngine
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.tone_voice import HummingEngine, humming_store
from tests.support.web import Api, served

TEXT = {"text": "Skolan är stängd i dag.", "language": "sv"}
OVER = ("done", "failed")
SOON_SECONDS = 60.0


@asynccontextmanager
async def worker(rt: Runtime) -> AsyncIterator[None]:
    """A tts worker that has done all there is when the block has ended."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_tts_worker(rt, 2, stop))
    yield
    async with asyncio.timeout(SOON_SECONDS):
        while await rt.queue.depth(TTS):  # noqa: ASYNC110 - a queue tells nobody that it is empty
            await asyncio.sleep(0.01)
    stop.set()
    await task


async def order(api: Api, **wanted: Any) -> Any:
    answer = await api.post("/tts/jobs", TEXT | wanted)
    assert answer.status == 202, answer.text
    assert answer.json["status"] == "queued"
    assert answer.headers["Location"] == f"/tts/jobs/{answer.json['job_id']}"
    return answer.json["job_id"]


async def show(api: Api, job_id: str) -> Any:
    answer = await api.get(f"/tts/jobs/{job_id}")
    assert answer.status == 200, answer.text
    return answer.json


async def spoken(api: Api, rt: Runtime, **wanted: Any) -> Any:
    """The job once it is over."""
    async with worker(rt):
        job_id = await order(api, **wanted)
    job = await show(api, job_id)
    assert job["status"] in OVER
    return job


async def fetch(api: Api, path: str, method: str = "GET", **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with api.session.request(method, api.url + path, headers=named) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_a_text_is_spoken_and_can_be_fetched_whole_and_in_parts(api: Api, runtime: Runtime) -> None:
    job = await spoken(api, runtime, speed=1.25, pitch=-2)
    assert (job["status"], job["engine"], job["format"], job["error"]) == ("done", "espeak", "wav", None)
    assert 0.8 < job["seconds"] < 4
    assert job["ended_at"] is not None
    status, headers, whole = await fetch(api, job["audio_url"])
    assert (status, headers["Content-Type"], headers["Accept-Ranges"]) == (200, "audio/wav", "bytes")
    assert "immutable" in headers["Cache-Control"]
    assert whole[:4] == b"RIFF"
    assert int.from_bytes(whole[20:22], "little") == 7, "µ-law"
    status, part_headers, part = await fetch(api, job["audio_url"], Range="bytes=100-299")
    assert (status, part) == (206, whole[100:300])
    assert part_headers["Content-Range"] == f"bytes 100-299/{len(whole)}"
    assert (await fetch(api, job["audio_url"], Range="bytes=-5"))[2] == whole[-5:]
    assert (await fetch(api, job["audio_url"], Range=f"bytes={len(whole)}-"))[0] == 416
    assert (await fetch(api, job["audio_url"], If_None_Match=headers["ETag"]))[::2] == (304, b"")
    assert (await fetch(api, job["audio_url"], "HEAD"))[::2] == (200, b"")

    again = await spoken(api, runtime, speed=1.25, pitch=-2)
    assert (again["audio_url"], again["engine"], runtime.speech.made) == (job["audio_url"], "espeak", 1)
    if runtime.database.is_sqlite:
        mp3 = await spoken(api, runtime, format="mp3")
        assert (mp3["status"], mp3["format"]) == ("done", "mp3")
        assert (await fetch(api, mp3["audio_url"]))[1]["Content-Type"] == "audio/mpeg"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_web_process_on_another_data_folder_serves_what_a_worker_made(
    database_url: str, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    def settings_of(host: str) -> Settings:
        return make_settings(data_dir=tmp_path / host, database_url=database_url)

    async with (
        opened_runtime(settings_of("web")) as web,
        opened_runtime(settings_of("tts")) as tts,
        served(web) as api,
    ):
        job = await spoken(api, replace(tts, queue=web.queue))
        status, headers, sound = await fetch(api, job["audio_url"])
        assert (status, web.speech.made, tts.speech.made) == (200, 0, 1)
        (made,) = (tmp_path / "tts").rglob("*.wav")
        assert sound == made.read_bytes()
        assert (await fetch(api, job["audio_url"], Range="bytes=0-9"))[2] == sound[:10]
        assert (await fetch(api, job["audio_url"], If_None_Match=headers["ETag"]))[0] == 304


@pytest.fixture
async def quick_runtime(
    make_settings: Callable[..., Settings], sqlite_template: Path, clock: TurnedClock
) -> AsyncIterator[Runtime]:
    """On SQLite, for what no database decides."""
    settings = make_settings()
    settings.data_dir.mkdir()
    shutil.copy(sqlite_template, settings.data_dir / "gdial.db")
    async with opened_runtime(settings, clock) as opened:
        yield opened


@dataclass
class Desk:
    """With a voice that only hums, and speaks every language."""

    api: Api
    rt: Runtime
    engine: HummingEngine
    folder: Path


@pytest.fixture
async def desk(quick_runtime: Runtime, tmp_path: Path) -> AsyncIterator[Desk]:
    async with humming_store(tmp_path / "hummed", quick_runtime.secret) as (store, engine):
        rt = replace(quick_runtime, speech=store)
        async with served(rt) as api:
            yield Desk(api, rt, engine, tmp_path / "hummed")


WRONG: Sequence[tuple[dict[str, Any], str, str]] = [
    ({"language": "tlh"}, "language", "there are: "),
    ({"language": "svenska!"}, "language", "is not a language code"),
    ({"engine": "festival"}, "engine", "there are: espeak"),
    ({"engine": "piper"}, "engine", "there are: espeak"),
    ({"voice": "karin"}, "voice", "there are: "),
    ({"voice": "+karin"}, "voice", "there are: "),
    ({"voice": "de"}, "voice", 'does not speak "sv"'),
    ({"voice": ""}, "voice", "at least 1 character"),
    ({"text": ""}, "text", "no letter or digit"),
    ({"text": " \n\t"}, "text", "no letter or digit"),
    ({"text": "🙂🎉"}, "text", "no letter or digit"),
    ({"text": "<speak><break/></speak>"}, "text", "no letter or digit"),
    ({"text": "\x07\x1b\x08"}, "text", "no letter or digit"),
    ({"text": "Hej\x00"}, "text", "NUL"),
    ({"text": "a" * 100_000}, "text", "100,000 characters; at most 5,000"),
    ({"speed": 2.1}, "speed", "less than or equal to 2"),
    ({"pitch": -11}, "pitch", "greater than or equal to -10"),
    ({"format": "ogg"}, "format", "'wav' or 'mp3'"),
    ({"volume": 11}, "volume", "is not a known field"),
]


async def test_what_cannot_be_spoken_is_told_at_once_with_what_there_is(quick_runtime: Runtime) -> None:
    async with served(quick_runtime) as api:
        await _refuse_all(api)
    assert await quick_runtime.queue.depth(TTS) == 0


async def _refuse_all(api: Api) -> None:
    for wanted, field, reason in WRONG:
        answer = await api.post("/tts/jobs", TEXT | wanted)
        assert answer.status == 422, (wanted, answer.text[:300])
        (error,) = answer.json["errors"]
        assert error["field"] == field
        assert reason in error["reason"], error
    assert (await api.get(f"/tts/jobs/{uuid4()}")).status == 404
    assert (await api.get("/tts/jobs/7")).status == 422
    for method, path in (("POST", "/tts/jobs"), ("GET", f"/tts/jobs/{uuid4()}")):
        assert (await api.ask(method, path, headers={})).status == 401


CLEAN = {
    "Hej <b>Anna</b> <speak>nu brinner det</speak> <audio src='file:///etc/passwd'/>": "Hej Anna nu brinner det",
    "Hej\x07 \x1b[31mAnna 🙂": "Hej [31mAnna",
    "Det brinner.\r\nKom nu.": "Det brinner. Kom nu.",
    "$(reboot); `reboot` --help": "$(reboot); reboot --help",
}


async def test_markup_control_characters_and_pictures_are_not_spoken(desk: Desk) -> None:
    async with worker(desk.rt):
        jobs = [await order(desk.api, text=text, language="de") for text in CLEAN]
    assert [(await show(desk.api, job))["status"] for job in jobs] == ["done"] * len(CLEAN)
    assert sorted(desk.engine.spoken) == sorted(CLEAN.values())


async def test_without_a_language_it_is_the_installations(desk: Desk) -> None:
    assert (await desk.api.ask("PUT", "/api/settings/default_language", json={"value": "en"})).status == 200
    answer = await desk.api.post("/tts/jobs", {"text": "The school is closed."})
    assert (await show(desk.api, answer.json["job_id"]))["language"] == "en"


async def test_when_every_voice_fails_the_job_has_failed_and_says_why(desk: Desk, tmp_path: Path) -> None:
    mute = AudioStore(tmp_path / "pieces", desk.rt.secret, [MuteEngine()], SpeechProcesses())
    job = await spoken(desk.api, replace(desk.rt, speech=mute))
    assert (job["status"], job["audio_url"], job["seconds"]) == ("failed", None, None)
    assert "this voice is mute" in job["error"]
    assert await desk.rt.queue.depth(DEAD) == 0


async def test_it_is_done_once_however_often_it_comes(runtime: Runtime, tmp_path: Path) -> None:
    async with humming_store(tmp_path / "pieces", runtime.secret) as (store, engine):
        rt = replace(runtime, speech=store)
        async with served(rt) as api:
            async with worker(rt):
                job_id = await order(api)
                for _ in range(5):
                    await rt.queue.publish(TTS, write_job(TtsJob(job_id=UUID(job_id))))
            done = await show(api, job_id)
            for piece in (tmp_path / "pieces").iterdir():
                piece.unlink()
            await speak_ordered(rt, UUID(job_id))
            assert (await show(api, job_id), len(engine.spoken)) == (done, 1)


async def test_one_that_ends_its_worker_again_and_again_is_given_up(desk: Desk) -> None:
    job_id = UUID(await order(desk.api))
    desk.engine.may_speak.clear()
    for _ in range(MOST_TRIES):
        desk.engine.began.clear()
        dying = asyncio.create_task(speak_ordered(desk.rt, job_id))
        await asyncio.wait_for(desk.engine.began.wait(), SOON_SECONDS)
        assert (await show(desk.api, str(job_id)))["status"] == "running"
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        # What it was making goes with its process.
        desk.rt = replace(desk.rt, speech=AudioStore(desk.folder, desk.rt.secret, [desk.engine], SpeechProcesses()))
    await speak_ordered(desk.rt, job_id)
    job = await show(desk.api, str(job_id))
    assert job["status"] == "failed"
    assert "its worker ended 5 times" in job["error"]


class AwayQueue(InProcessQueue):
    """Takes nothing while it is away."""

    away = True

    async def publish(
        self, queue_name: str, body: bytes, *, priority: int = 1, headers: Mapping[str, str] | None = None
    ) -> None:
        if self.away:
            raise QueueUnavailable("the queue is away")
        await super().publish(queue_name, body, priority=priority, headers=headers)


async def ids_on(rt: Runtime) -> list[UUID]:
    async with rt.queue.looking(TTS, 1_000) as waiting:
        return [read_job(TtsJob, delivery.body).job_id for delivery in waiting]


async def test_what_no_queue_took_is_published_by_the_scheduler(runtime: Runtime, clock: TurnedClock) -> None:
    queue = AwayQueue()
    rt = replace(runtime, queue=queue)
    async with served(rt) as api:
        job_id = UUID(await order(api))
        clock.turn(seconds=5)
        with pytest.raises(QueueUnavailable):
            await publish_ordered(rt)
        queue.away = False
        await publish_ordered(rt)
        await publish_ordered(rt)
        assert await ids_on(rt) == [job_id]
        clock.turn(minutes=10)
        await publish_ordered(rt)
        assert await ids_on(rt) == [job_id] * 2, "it may have been lost"


async def test_those_that_wait_when_the_process_ends_are_spoken_after_it_has_started_again(desk: Desk) -> None:
    waits = await order(desk.api)
    started_again = replace(desk.rt, queue=InProcessQueue())
    stop = asyncio.Event()
    running = asyncio.create_task(run_embedded_workers(started_again, stop))
    async with asyncio.timeout(SOON_SECONDS):
        while (await show(desk.api, waits))["status"] not in OVER:  # noqa: ASYNC110 - as who ordered it would ask
            await asyncio.sleep(0.02)
    stop.set()
    await running
    assert (await show(desk.api, waits))["status"] == "done"


async def test_no_more_wait_than_can_be_spoken(desk: Desk) -> None:
    await order(desk.api)
    now = desk.rt.clock()
    row = {"text": "Hej", "language": "sv", "speed": 1.0, "pitch": 0.0, "format": "wav", "state": "queued", "tries": 0}
    times = {"created_at": now, "publish_at": now}
    async with desk.rt.database.transaction() as tx:
        await tx.execute(tables.speech_jobs.insert(), [{"id": uuid4(), **row, **times} for _ in range(MOST_OPEN - 1)])
    answer = await desk.api.post("/tts/jobs", TEXT)
    assert (answer.status, "5,000 texts wait" in answer.text) == (503, True)
    assert "Retry-After" in answer.headers
    assert await desk.rt.queue.depth(TTS) == 1
    await publish_ordered(desk.rt)
    assert await desk.rt.queue.depth(TTS) == 1 + PUBLISHED_AT_ONCE


async def test_a_job_is_forgotten_with_personal_data(api: Api, runtime: Runtime, clock: TurnedClock) -> None:
    old = await order(api)
    clock.turn(days=runtime.settings.retention_days - 1)
    young = await order(api)
    clock.turn(days=2)
    await clear_old_data(runtime)
    assert (await api.get(f"/tts/jobs/{old}")).status == 404
    assert (await show(api, young))["status"] == "queued"


async def test_only_so_many_that_are_over_are_kept(runtime: Runtime, clock: TurnedClock) -> None:
    async with runtime.database.transaction() as tx:
        for _ in range(10):
            clock.turn(seconds=1)
            job = speech_jobs.SpeechJob(uuid4(), "Hej", "sv", None, None, 1.0, 0.0, "wav", clock())
            await speech_jobs.insert(tx, job, clock())
            await speech_jobs.finish(tx, job.id, speech_jobs.JobState.DONE, clock())
        await speech_jobs.insert(tx, replace(job, id=uuid4()), clock())
        await speech_jobs.forget(tx, clock() - timedelta(days=1), 4)
        assert await speech_jobs.count_open(tx) == 1
        assert (await speech_jobs.get(tx, job.id)).state == "done"
    async with runtime.database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(tables.speech_jobs))).scalar_one() == 5


class SlowToTell(MuteEngine):
    """A voice that does not tell what it speaks."""

    name = "google"

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        raise SpeechUnavailable("no answer")


class ListedVoice(MuteEngine):
    """Two voices, each of its own country."""

    name = "piper 5f0c"

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        return {"en-GB": ["alan"], "en-US": ["amy", "joe"]}


CHOICES: Sequence[tuple[dict[str, str], str]] = [
    ({"language": "en"}, ""),
    ({"language": "en", "voice": "Amy"}, ""),
    ({"language": "en-GB", "engine": "Piper"}, ""),
    ({"language": "sv"}, ""),
    ({"language": "sv", "engine": "google", "voice": "whoever"}, ""),
    ({"language": "en", "voice": "karin"}, "there are: alan, amy, joe"),
    ({"language": "sv", "voice": "amy"}, "there are: en-GB, en-US"),
    ({"language": "sv", "engine": "piper"}, "there are: en-GB, en-US"),
    ({"language": "en", "engine": "espeak"}, "there are: piper, google"),
]


async def test_the_voices_are_those_of_the_engines_set_up(quick_runtime: Runtime, tmp_path: Path) -> None:
    engines = [ListedVoice(), SlowToTell()]
    store = AudioStore(tmp_path / "pieces", quick_runtime.secret, engines, SpeechProcesses())
    async with served(replace(quick_runtime, speech=store)) as api:
        for wanted, refused in CHOICES:
            answer = await api.post("/tts/jobs", TEXT | wanted)
            assert answer.status == (422 if refused else 202), (wanted, answer.text)
            assert refused in answer.text
