"""Audio for other programs: made in this process, kept where the web process serves it from."""

from __future__ import annotations

import re
from uuid import UUID

from gdial.actions.speak_message import speak, speak_to_everybody
from gdial.actions.system_settings import load_values
from gdial.assembly.networks import public_url
from gdial.errors import InvalidInput
from gdial.programs.opening import opened_records, opened_voice
from gdial.programs.words import read_id, words_of
from gdial.settings import get_settings
from gdial.speech.base import Audio, SpeechRequest
from gdial.speech.formats import AudioFormat

NAME = re.compile(r"[0-9a-f]{64}")


async def text_to_audio(
    text: str,
    language: str | None = None,
    *,
    voice: str | None = None,
    speed: float = 1.0,
    pitch: float = 0.0,
    audio_format: AudioFormat = "wav",
) -> Audio:
    """This text spoken, at most 5,000 characters; made once, found again after that.

    `language` is BCP-47 (None: the installation's), `speed` a factor 0.5..2.0, `pitch` semitones -10..10. `path` of
    what is returned lies on this machine and may be deleted when it was long unused; `get_audio_url` tells where all
    others find it. Raises InvalidInput, SpeechUnavailable, SetupError, DatabaseUnavailable.
    """
    async with opened_records() as records, opened_voice(records) as opened:
        if language is None:
            async with records.database.reading() as tx:
                language = (await load_values(tx, records.settings)).text("default_language")
        return await opened.store.prepare(SpeechRequest(text, language, voice, speed, pitch), audio_format)


def get_audio_url(audio: Audio | str) -> str:
    """Where a piece is fetched, under PUBLIC_URL, by its name (64 hexadecimal digits). Plain function.

    Not promised: that the piece is there. Raises InvalidInput for what is no name, InvalidSetting.
    """
    name = audio if isinstance(audio, str) else audio.name
    if not NAME.fullmatch(name):
        raise InvalidInput("is no name of a piece of audio: give what text_to_audio returned", where="audio")
    return f"{public_url(get_settings())}/tts/audio/{name}"


async def generate_message_audio(
    message_id: UUID | str | None = None,
    *,
    custom_message_id: UUID | str | None = None,
    contact_id: UUID | str | None = None,
) -> list[Audio]:
    """Have a message's audio made before it is needed; waits until it is.

    The pieces that are heard as the message, in order: with `contact_id` as this person hears them, in their language;
    without, those that are the same for everybody, in the message's own. The replies, the translations and the system's
    own sentences are made too. A piece that no voice can say is left out. Raises InvalidInput, NotFound, SetupError,
    DatabaseUnavailable.
    """
    async with opened_records() as records:
        words = await words_of(records, read_id(message_id), read_id(custom_message_id), read_id(contact_id))
        async with opened_voice(records) as opened:
            made = await speak_to_everybody(opened.store, words.everything)
            heard = words.said
            made |= await speak(opened.store, heard)
    return [made[spoken] for spoken in heard if spoken in made]
