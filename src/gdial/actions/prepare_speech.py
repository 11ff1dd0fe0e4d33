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
from gdial.messages.dialogue import Spoken
from gdial.messages.model import read_responses
from gdial.messages.parts import render_parts, split_parts
from gdial.messages.phrases import phrases_for
from gdial.runtime import Runtime
from gdial.speech.base import Audio, SpeechRequest
from gdial.storage import runs
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 2.0


def message_for(run: Run, fields: Mapping[str, str]) -> list[Spoken]:
    """What this person hears as the message, in the pieces that are spoken one by one."""
    return [Spoken(text, run.language) for text in render_parts(split_parts(run.text), fields)]


async def for_recipient(rt: Runtime, run: Run, fields: Mapping[str, str]) -> None:
    """Wait for this person's audio, but not for long; what is not ready then is made meanwhile."""
    await _make_all(rt, message_for(run, fields))


async def for_run(rt: Runtime, run_id: UUID) -> None:
    """All that the run says to everybody: the fixed parts, the replies, the system's own sentences."""
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
    fixed = [part for part in split_parts(run.text) if not part.fields]
    replies = [response.reply for response in read_responses(run.responses).values() if response.reply]
    phrases = phrases_for(run.language)
    own = (phrases.no_answer, phrases.unknown_key, phrases.thanks, phrases.goodbye)
    await _make_all(
        rt,
        [
            *(Spoken(text, run.language) for text in (*render_parts(fixed, {}), *replies)),
            *(Spoken(text, phrases.language) for text in own),
        ],
    )


async def for_text(rt: Runtime, text: str, language: str) -> Audio:
    """One text. Raises SpeechUnavailable, InvalidInput."""
    return await rt.speech.prepare(SpeechRequest(text, language))


async def utterances(rt: Runtime, said: Sequence[Spoken], mode: RunMode) -> list[Utterance]:
    """Our own audio where it is made in time, else words for the carrier's voice."""
    await _make_all(rt, said)
    return [_utterance(rt, spoken, mode) for spoken in said]


def _utterance(rt: Runtime, spoken: Spoken, mode: RunMode) -> Utterance:
    audio = rt.speech.lookup(_request(spoken))
    if audio is None:
        return SpokenByCarrier(spoken.text, spoken.language)
    return Sound(audio_link(rt, mode, audio.name))


async def _make_all(rt: Runtime, said: Iterable[Spoken]) -> None:
    missing = [spoken for spoken in dict.fromkeys(said) if rt.speech.lookup(_request(spoken)) is None]
    if not missing:
        return
    making = [asyncio.ensure_future(_make(rt, spoken)) for spoken in missing]
    _, late = await asyncio.wait(making, timeout=LONGEST_WAIT_SECONDS)
    if late:
        log.warning("audio is late; the carrier's voice speaks until it is there", pieces=len(late))


async def _make(rt: Runtime, spoken: Spoken) -> None:
    try:
        await rt.speech.prepare(_request(spoken))
    except (SpeechUnavailable, InvalidInput) as error:
        log.warning("no audio for a text; the carrier's voice speaks it", why=str(error))


def _request(spoken: Spoken) -> SpeechRequest:
    return SpeechRequest(spoken.text, spoken.language)
