"""Have the audio of a message made, for whoever will hear it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from gdial.actions.prepare_speech import request_for, said_to_everybody
from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.messages.dialogue import Spoken
from gdial.messages.model import MessageContent
from gdial.speech.base import Audio
from gdial.speech.cache import AudioStore

log = structlog.get_logger(__name__)


async def speak_to_everybody(store: AudioStore, contents: Iterable[MessageContent]) -> dict[Spoken, Audio]:
    """What is the same for all who hear one of these: the fixed parts, the replies, the system's own sentences."""
    return await speak(store, [spoken for content in contents for spoken in said_to_everybody(content)])


async def speak(store: AudioStore, said: Iterable[Spoken]) -> dict[Spoken, Audio]:
    """Each of these as audio, made where it is not there; waits until all are done.

    A recording that was looked up is there already. What no voice can say is left out, with a line in the log: the
    carrier's own voice speaks it.
    """
    wanted = list(dict.fromkeys(said))
    made = await asyncio.gather(*(_speak_one(store, spoken) for spoken in wanted))
    return {spoken: audio for spoken, audio in zip(wanted, made, strict=True) if audio is not None}


async def _speak_one(store: AudioStore, spoken: Spoken) -> Audio | None:
    if spoken.recording:
        return (await store.find_many([spoken.audio_name])).get(spoken.audio_name)
    try:
        return await store.prepare(request_for(spoken))
    except (SpeechUnavailable, InvalidInput) as error:
        log.warning("no audio for a text; the carrier's voice speaks it", why=str(error))
        return None
