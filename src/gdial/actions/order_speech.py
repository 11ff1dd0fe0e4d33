"""A text that somebody wants spoken, apart from any run: taken down at once, spoken by a tts worker, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import structlog

from gdial.actions.prepare_speech import alarm_if_unwritable
from gdial.actions.system_settings import read_values
from gdial.errors import InvalidInput, QueueUnavailable, SpeechUnavailable
from gdial.messages.model import normalise_language
from gdial.queue.jobs import TTS, TtsJob, write_job
from gdial.runtime import Runtime
from gdial.speech.base import Audio, SpeechRequest
from gdial.speech.formats import FORMATS, AudioFormat
from gdial.storage import speech_jobs
from gdial.storage.speech_jobs import JobState, SpeechJob

log = structlog.get_logger(__name__)

MOST_OPEN = 5_000
MOST_TRIES = 5
"""So often may its worker end in the middle of a job."""
PUBLISHED_AT_ONCE = 100
PUBLISHED_WITHIN = timedelta(seconds=5)
"""After this a scheduler does what the process that took the text down has not done."""
PUBLISH_AGAIN_AFTER = timedelta(minutes=10)
"""A queue keeps its jobs; this is for one that was lost all the same."""


@dataclass(frozen=True, slots=True)
class SpeechWish:
    """`language` None is the installation's; `engine` one of those set up, None the first of them that speaks."""

    text: str
    language: str | None = None
    engine: str | None = None
    voice: str | None = None
    speed: float = 1.0
    pitch: float = 0.0
    format: AudioFormat = "wav"


async def order_speech(rt: Runtime, wish: SpeechWish) -> SpeechJob:
    """Raises InvalidInput for a text, language, engine or voice that cannot be spoken, naming those there are, and
    QueueUnavailable when too many wait. Where only the queue is away, the scheduler finds the job."""
    language = wish.language if wish.language is not None else (await read_values(rt)).text("default_language")
    job = SpeechJob(
        id=uuid4(),
        text=wish.text,
        language=normalise_language(language),
        engine=wish.engine,
        voice=wish.voice,
        speed=wish.speed,
        pitch=wish.pitch,
        format=wish.format,
        created_at=rt.clock(),
    )
    await rt.speech.check(_request(job))
    async with rt.database.transaction() as tx:
        if await speech_jobs.count_open(tx) >= MOST_OPEN:
            raise QueueUnavailable(f"{MOST_OPEN:,} texts wait to be spoken already; try again in a minute")
        await speech_jobs.insert(tx, job, rt.clock() + PUBLISHED_WITHIN)
    await _publish_first(rt, job)
    return job


async def _publish_first(rt: Runtime, job: SpeechJob) -> None:
    try:
        await rt.queue.publish(TTS, write_job(TtsJob(job_id=job.id)))
        async with rt.database.transaction() as tx:
            await speech_jobs.set_publish_at(tx, [job.id], rt.clock() + PUBLISH_AGAIN_AFTER)
    except QueueUnavailable as error:
        log.warning("the queue does not hear of a text; the scheduler finds it", job=str(job.id), why=str(error))


async def publish_ordered(rt: Runtime) -> None:
    """Lay on the queue what is on none. Safe to run in several processes at once. Raises TemporaryError."""
    if not rt.queue.is_connected:
        return
    now = rt.clock()
    async with rt.database.reading() as tx:
        if not await speech_jobs.any_to_publish(tx, now):
            return
    async with rt.database.transaction() as tx:
        ids = await speech_jobs.take_to_publish(tx, now, now + PUBLISH_AGAIN_AFTER, PUBLISHED_AT_ONCE)
    for place, job_id in enumerate(ids):
        try:
            await rt.queue.publish(TTS, write_job(TtsJob(job_id=job_id)))
        except QueueUnavailable:
            async with rt.database.transaction() as tx:
                await speech_jobs.set_publish_at(tx, ids[place:], now)
            raise


async def speak_ordered(rt: Runtime, job_id: UUID) -> None:
    """Whatever becomes of it is stored; one that is over is not done again. Raises NotFound."""
    async with rt.database.transaction() as tx:
        job = await speech_jobs.get(tx, job_id)
        if job.is_over:
            return
        if job.tries >= MOST_TRIES:
            error = f"its worker ended {job.tries} times while it was spoken"
            await speech_jobs.finish(tx, job_id, JobState.FAILED, rt.clock(), error=error)
            return
        await speech_jobs.begin(tx, job_id, rt.clock() + PUBLISH_AGAIN_AFTER)
    try:
        audio = await rt.speech.prepare(_request(job), _format(job))
    except (InvalidInput, SpeechUnavailable) as error:
        log.warning("a text that was asked for cannot be spoken", job=str(job_id), why=str(error))
        alarm_if_unwritable(rt, error)
        async with rt.database.transaction() as tx:
            await speech_jobs.finish(tx, job_id, JobState.FAILED, rt.clock(), error=str(error))
        return
    await _keep(rt, job_id, audio)


async def _keep(rt: Runtime, job_id: UUID, audio: Audio) -> None:
    made_format = next(name for name, kind in FORMATS.items() if kind.content_type == audio.content_type)
    async with rt.database.transaction() as tx:
        made_by = audio.made_by or await speech_jobs.maker_of(tx, audio.name)
        made = {"audio_name": audio.name, "made_by": made_by, "made_format": made_format, "seconds": audio.seconds}
        await speech_jobs.finish(tx, job_id, JobState.DONE, rt.clock(), **made)


def _format(job: SpeechJob) -> AudioFormat:
    return cast(AudioFormat, job.format)


def _request(job: SpeechJob) -> SpeechRequest:
    return SpeechRequest(job.text, job.language, job.voice, job.speed, job.pitch, engine=job.engine)
