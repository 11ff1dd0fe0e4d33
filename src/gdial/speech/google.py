"""Google Cloud Text-to-Speech over REST: https://cloud.google.com/text-to-speech/docs/reference/rest (version v1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gdial.errors import SpeechUnavailable
from gdial.speech.base import Pcm, SpeechRequest
from gdial.speech.cutting import cut_text
from gdial.speech.language_match import find_language, find_voice
from gdial.speech.patience import longest_seconds
from gdial.speech.processes import SpeechProcesses
from gdial.speech.text import spoken_text
from gdial.speech.voice_server import VoiceServer

LARGEST_TEXT_BYTES = 5_000


class Access(Protocol):
    def headers(self) -> Mapping[str, str]:
        """What proves to Google who asks. Raises `SpeechUnavailable`."""


@dataclass(frozen=True, slots=True)
class GoogleVoice:
    name: str
    languages: Sequence[str]


class GoogleEngine:
    """A voice is one of Google's own names (`sv-SE-Wavenet-A`); without one Google chooses, and may choose another
    one another day. Its texts leave the organisation.

    `processes` read what it answers, and belong to whoever made them.
    """

    name = "google"

    def __init__(self, server: VoiceServer, access: Access, processes: SpeechProcesses, timeout_seconds: float) -> None:
        self._server = server
        self._access = access
        self._processes = processes
        self._timeout_seconds = timeout_seconds
        self._voices: Sequence[GoogleVoice] = ()

    async def speak(self, request: SpeechRequest) -> Pcm:
        spoken = spoken_text(request)
        voice = await self._choose(request)
        # Its own pitch is not asked for: some of its voices have none, and the pipeline's is the same for all engines.
        config = {"audioEncoding": "LINEAR16"} | ({"speakingRate": request.speed} if request.speed != 1.0 else {})
        sounds = [await self._say(text, voice, config) for text in cut_text(spoken, LARGEST_TEXT_BYTES, _bytes)]
        if len({sound.rate for sound in sounds}) != 1:
            raise SpeechUnavailable("Google answered at different rates")
        return Pcm(b"".join(sound.samples for sound in sounds), sounds[0].rate)

    async def voices(self) -> Sequence[GoogleVoice]:
        """Asked for once."""
        if not self._voices:
            told = await self._server.ask_json(
                "GET", "/v1/voices", headers=self._access.headers(), timeout_seconds=self._timeout_seconds
            )
            self._voices = _read_voices(told)
        return self._voices

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for voice in await self.voices():
            for language in voice.languages:
                found.setdefault(language, []).append(voice.name)
        return found

    async def close(self) -> None:
        await self._server.close()

    async def _choose(self, request: SpeechRequest) -> dict[str, str]:
        voices = await self.voices()
        language = find_language(request.language, [each for voice in voices for each in voice.languages])
        if request.voice is None:
            return {"languageCode": language}
        names = [voice.name for voice in voices if language in voice.languages]
        return {"languageCode": language, "name": find_voice(request.voice, names)}

    async def _say(self, text: str, voice: Mapping[str, str], config: Mapping[str, Any]) -> Pcm:
        asked = {"input": {"text": text}, "voice": voice, "audioConfig": config}
        told = await self._server.ask_json(
            *("POST", "/v1/text:synthesize"),
            json=asked,
            headers=self._access.headers(),
            timeout_seconds=longest_seconds(self._timeout_seconds, text),
        )
        try:
            file = base64.b64decode(told["audioContent"], validate=True)
        except (KeyError, TypeError, binascii.Error, ValueError):
            raise SpeechUnavailable("Google answered without audioContent") from None
        reply = await self._processes.run("sound.decode", {"format": "wav", "tempo": 1.0}, file)
        return Pcm(reply.sound, reply.facts["rate"])


def _bytes(text: str) -> int:
    return len(text.encode())


def _read_voices(told: Mapping[str, Any]) -> Sequence[GoogleVoice]:
    try:
        voices = tuple(GoogleVoice(str(each["name"]), tuple(each["languageCodes"])) for each in told["voices"])
    except (KeyError, TypeError):
        voices = ()
    if not voices:
        raise SpeechUnavailable("Google listed no voices")
    return voices
