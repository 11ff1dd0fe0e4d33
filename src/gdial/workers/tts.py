"""The tts worker: texts in, audio out, before a call needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog

from gdial.actions.order_speech import speak_ordered
from gdial.actions.prepare_speech import for_run, for_text
from gdial.actions.run_content import kept_words, saved_words
from gdial.actions.speak_ahead import speak_for_people
from gdial.actions.speak_message import speak_to_everybody
from gdial.actions.system_settings import read_values
from gdial.errors import InvalidInput, NotFound
from gdial.messages.model import MessageContent
from gdial.monitoring.metrics import counted_worker
from gdial.queue.jobs import TTS, TtsJob, read_job
from gdial.runtime import Runtime
from gdial.workers.consume import consume

log = structlog.get_logger(__name__)


async def run_tts_worker(rt: Runtime, prefetch: int, stop: asyncio.Event) -> None:
    """Takes jobs until `stop`, then finishes what is being spoken."""

    async def speak(body: bytes) -> None:
        await _speak(rt, read_job(TtsJob, body))

    with counted_worker("tts"):
        await consume(rt, TTS, "tts", prefetch, speak, stop)


async def _speak(rt: Runtime, job: TtsJob) -> None:
    """All that the job names. Raises InvalidInput when that is nothing, NotFound, SpeechUnavailable."""
    if job.recipient_ids is not None:
        await _speak_for_people(rt, job, job.recipient_ids)
        return
    contents = await _contents(rt, job)
    if job.call_run_id is None and not contents and not job.text_content:
        await _speak_ordered(rt, job)
        return
    if job.base_url is not None and job.base_url.rstrip("/") != rt.public_url:
        log.info("a job names another base_url, which changes nothing", job=str(job.job_id))
    if job.call_run_id is not None:
        await for_run(rt, job.call_run_id)
    await speak_to_everybody(rt.speech, contents)
    if job.text_content:
        language = job.language or (await read_values(rt)).text("default_language")
        await for_text(rt, job.text_content, language)


async def _speak_for_people(rt: Runtime, job: TtsJob, recipient_ids: Sequence[UUID]) -> None:
    if job.call_run_id is None:
        raise InvalidInput("goes with the run of these people", where="TtsJob.call_run_id")
    await speak_for_people(rt, job.call_run_id, recipient_ids)


async def _speak_ordered(rt: Runtime, job: TtsJob) -> None:
    """A job that names nothing is one that was asked for over the REST interface."""
    try:
        await speak_ordered(rt, job.job_id)
    except NotFound:
        raise InvalidInput(
            "names nothing to speak: give message_id, custom_message_id, text_content or call_run_id", where="TtsJob"
        ) from None


async def _contents(rt: Runtime, job: TtsJob) -> list[MessageContent]:
    contents: list[MessageContent] = []
    async with rt.database.reading() as tx:
        if job.message_id is not None:
            own, translations = await saved_words(tx, job.message_id)
            contents += [own, *translations.values()]
        if job.custom_message_id is not None:
            contents.append(await kept_words(tx, job.custom_message_id))
    return contents
