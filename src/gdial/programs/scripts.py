"""TwiML for other programs: what a call that speaks one of our messages is answered with."""

from __future__ import annotations

from uuid import UUID

from gdial.actions.speak_message import speak
from gdial.carriers.base import AskForKey, HangUp, ScriptStep, Sound, SpokenByCarrier, Tell, Utterance
from gdial.carriers.twilio import twiml
from gdial.errors import InvalidInput
from gdial.messages.dialogue import Spoken
from gdial.programs.audio import get_audio_url
from gdial.programs.opening import opened_records, opened_voice
from gdial.programs.words import Words, read_id, words_of
from gdial.speech.base import Audio


async def build_twiml(
    message_id: UUID | str, *, contact_id: UUID | str | None = None, key_url: str | None = None
) -> str:
    """The TwiML that says a saved message, and asks for a key where it has any.

    Each piece is a `<Play>` of audio that is made by then, at an address under PUBLIC_URL; what no voice can say is a
    `<Say>`. With `contact_id` as this person hears it; without, the parts with a field in them are left out. `key_url`
    is where the carrier brings the key (`<Gather action>`): needed for a message with keys, whose answer is then the
    calling program's to take. GDial counts keys only in calls that it places itself: `dial_contacts`.

    Raises InvalidInput, NotFound, SetupError, DatabaseUnavailable.
    """
    return await _script(read_id(message_id), None, read_id(contact_id), key_url)


async def build_custom_twiml(
    custom_message_id: UUID | str, *, contact_id: UUID | str | None = None, key_url: str | None = None
) -> str:
    """As `build_twiml`, for a custom message."""
    return await _script(None, read_id(custom_message_id), read_id(contact_id), key_url)


async def _script(
    message_id: UUID | None, custom_message_id: UUID | None, contact_id: UUID | None, key_url: str | None
) -> str:
    async with opened_records() as records:
        words = await words_of(records, message_id, custom_message_id, contact_id)
        if words.chosen.responses and not key_url:
            raise InvalidInput(
                "this message asks for a key: say where it is brought",
                where="key_url",
                example="https://example.org/key",
            )
        async with opened_voice(records) as opened:
            made = await speak(opened.store, words.said)
    return twiml.write(_steps(words, made, key_url)).decode()


def _steps(words: Words, made: dict[Spoken, Audio], key_url: str | None) -> list[ScriptStep]:
    uttered = [_utterance(spoken, made.get(spoken)) for spoken in words.said]
    if words.chosen.responses and key_url:
        return [AskForKey(uttered, key_url)]
    return [Tell(uttered), HangUp()]


def _utterance(spoken: Spoken, audio: Audio | None) -> Utterance:
    return SpokenByCarrier(spoken.text, spoken.language) if audio is None else Sound(get_audio_url(audio))
