"""Have the audio made before the call that needs it. A voice that fails costs quality, never the call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import structlog

from gdial.actions.webhook_links import audio_link
from gdial.carriers.base import Sound, SpokenByCarrier, Utterance
from gdial.dialing.states import RunMode
from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.messages.dialogue import system_phrases
from gdial.messages.model import read_responses
from gdial.messages.render import render, split_parts
from gdial.runtime import Runtime
from gdial.speech.base import Audio, SpeechRequest
from gdial.storage import runs
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 2.0


def texts_for(run: Run, fields: Mapping[str, str]) -> list[str]:
    """What this person hears as the message, in the pieces that are spoken one by one."""
    return [render(part.text, fields) for part in split_parts(run.text)]


async def for_recipient(rt: Runtime, run: Run, fields: Mapping[str, str]) -> None:
    """Wait for this person's audio, but not for long; what is not ready then is made meanwhile."""
    await _make_all(rt, texts_for(run, fields), run.language)


async def for_run(rt: Runtime, run_id: UUID) -> None:
    """All that the run says to everybody: the fixed parts, the replies, the system's own sentences."""
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
    fixed = [part.text for part in split_parts(run.text) if not part.is_personal]
    replies = [response.reply for response in read_responses(run.responses).values() if response.reply]
    await _make_all(rt, [*fixed, *replies, *system_phrases(run.language)], run.language)


async def for_text(rt: Runtime, text: str, language: str) -> Audio:
    """One text. Raises SpeechUnavailable, InvalidInput."""
    return await rt.speech.prepare(SpeechRequest(text, language))


async def utterances(rt: Runtime, texts: Sequence[str], language: str, mode: RunMode) -> list[Utterance]:
    """Our own audio where it is made in time, else words for the carrier's voice."""
    await _make_all(rt, texts, language)
    return [_utterance(rt, text, language, mode) for text in texts]


def _utterance(rt: Runtime, text: str, language: str, mode: RunMode) -> Utterance:
    audio = rt.speech.lookup(SpeechRequest(text, language))
    if audio is None:
        return SpokenByCarrier(text, language)
    return Sound(audio_link(rt, mode, audio.name))


async def _make_all(rt: Runtime, texts: Iterable[str], language: str) -> None:
    missing = [
        request
        for request in dict.fromkeys(SpeechRequest(text, language) for text in texts)
        if rt.speech.lookup(request) is None
    ]
    if not missing:
        return
    making = [asyncio.ensure_future(_make(rt, request)) for request in missing]
    _, late = await asyncio.wait(making, timeout=LONGEST_WAIT_SECONDS)
    if late:
        log.warning("audio is late; the carrier's voice speaks until it is there", pieces=len(late))


async def _make(rt: Runtime, request: SpeechRequest) -> None:
    try:
        await rt.speech.prepare(request)
    except (SpeechUnavailable, InvalidInput) as error:
        log.warning("no audio for a text; the carrier's voice speaks it", why=str(error))
