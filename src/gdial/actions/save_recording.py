"""Take in what people recorded themselves, and take it away."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import IntegrityError

from gdial.actions.system_settings import read_values
from gdial.contacts.rows import clean_text
from gdial.errors import Conflict, InvalidInput
from gdial.messages.model import MAX_TEXT_CHARACTERS, normalise_language
from gdial.messages.render import RECORDING, RECORDING_NAME, recordings_in
from gdial.runtime import Runtime
from gdial.speech.recording_limits import LARGEST_BYTES
from gdial.speech.recording_process import read_in_process
from gdial.storage import recordings
from gdial.storage.recordings import Recording

MOST_RECORDINGS = 500
MOST_BYTES = 500 * 1024 * 1024
"""Of all recordings in the database: about seventeen hours."""

NAME_EXAMPLE = "welcome"
TEXT_EXAMPLE = "Welcome to the municipality's alarm service."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GivenRecording:
    """`text` is what is said in it. Without a language it is in the installation's."""

    name: str
    text: str
    language: str = ""


async def add_recording(rt: Runtime, given: GivenRecording, file: BinaryIO) -> Recording:
    """Read it in a process of its own, and keep it as a telephone plays it. It never changes.

    Raises InvalidInput for a file that is no such recording, or a name or text that cannot be used; Conflict for a
    name that is taken or a full store; SpeechUnavailable when no process can be started.
    """
    name, text = _read_name(given.name), _read_text(given.text)
    language = normalise_language(given.language or (await read_values(rt)).text("default_language"))
    data = await asyncio.to_thread(file.read, LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise InvalidInput(f"is larger than the {LARGEST_BYTES:,} bytes that are taken", where="file")
    sound, seconds, made_from = await read_in_process(data)
    now, audio_name = rt.clock(), secrets.token_hex(32)
    recording = Recording(uuid4(), name, text, language, audio_name, len(sound), round(seconds, 1), made_from, now)
    try:
        async with rt.database.transaction() as tx:
            _check_room(*await recordings.held(tx), len(sound))
            if await recordings.find(tx, [name]):
                raise _taken(name)
            await recordings.insert(tx, recording, sound)
    except IntegrityError:
        raise _taken(name) from None
    log.info("recording taken in", seconds=recording.seconds, made_from=made_from)
    return recording


async def remove_recording(rt: Runtime, recording_id: UUID) -> None:
    """Raises NotFound; Conflict, naming what plays it, while a message or a run does, or somebody may ring back to
    hear it."""
    hours = (await read_values(rt)).number("ring_back_hours")
    async with rt.database.transaction() as tx:
        recording = await recordings.get(tx, recording_id, lock=True)
        texts = await recordings.texts_that_play(tx, RECORDING, rt.clock() - timedelta(hours=hours))
        players = [player for player, its_texts in texts if _play(its_texts, recording.name)]
        if players:
            raise Conflict(f'"{recording.name}" is played by {", ".join(players[:5])}')
        await recordings.remove(tx, recording_id)


def _play(texts: Sequence[str], name: str) -> bool:
    return any(named.casefold() == name.casefold() for text in texts for named in recordings_in(text))


def _check_room(count: int, held_bytes: int, more_bytes: int) -> None:
    if count >= MOST_RECORDINGS or held_bytes + more_bytes > MOST_BYTES:
        raise Conflict(
            f"there is no more room: {count} recordings of at most {MOST_RECORDINGS}, {held_bytes:,} bytes of at most "
            f"{MOST_BYTES:,}; remove some first"
        )


def _taken(name: str) -> Conflict:
    return Conflict(f'there is a recording "{name}" already; a recording never changes: choose another name')


def _read_name(text: str) -> str:
    name = clean_text(text)
    if not RECORDING_NAME.fullmatch(name):
        raise InvalidInput(
            "is at most 60 letters, digits, spaces and .-_, and begins with a letter or digit",
            where="name",
            example=NAME_EXAMPLE,
        )
    return name


def _read_text(text: str) -> str:
    """A voice speaks it where the sound cannot be had, so that the call still carries the message."""
    clean = " ".join(text.split())
    if not any(sign.isalnum() for sign in clean):
        raise InvalidInput(
            "say what is said in the recording: a voice speaks it where its sound cannot be had",
            where="text",
            example=TEXT_EXAMPLE,
        )
    if len(clean) > MAX_TEXT_CHARACTERS:
        reason = f"is {len(clean):,} characters long; at most {MAX_TEXT_CHARACTERS:,} are allowed"
        raise InvalidInput(reason, where="text")
    return clean
