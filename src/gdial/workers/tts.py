"""The tts worker: texts in, audio out, before a call needs it."""

from __future__ import annotations

import asyncio

from gdial.actions.prepare_speech import for_run, for_text
from gdial.actions.system_settings import read_values
from gdial.errors import InvalidInput
from gdial.monitoring.metrics import counted_worker
from gdial.queue.jobs import TTS, TtsJob, read_job
from gdial.runtime import Runtime
from gdial.workers.consume import consume


async def run_tts_worker(rt: Runtime, prefetch: int, stop: asyncio.Event) -> None:
    """Takes jobs until `stop`, then finishes what is being spoken."""

    async def speak(body: bytes) -> None:
        job = read_job(TtsJob, body)
        if job.call_run_id is not None:
            await for_run(rt, job.call_run_id)
        elif job.text_content:
            language = job.language or (await read_values(rt)).text("default_language")
            await for_text(rt, job.text_content, language)
        else:
            raise InvalidInput("names neither a run nor a text", where="TtsJob.text_content")

    with counted_worker("tts"):
        await consume(rt, TTS, "tts", prefetch, speak, stop)
