"""Google Translate's voice, as the package gTTS found it. UNOFFICIAL: no contract, no promise, may end any day.

Spoken to over HTTP as gTTS does (https://github.com/pndurette/gTTS), without that package: it does not verify whom it
talks to (`verify=False`).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gdial.errors import SpeechUnavailable
from gdial.speech.base import Pcm, SpeechRequest
from gdial.speech.cutting import cut_text
from gdial.speech.frames import Frame
from gdial.speech.language_match import find_language, find_voice
from gdial.speech.patience import longest_seconds
from gdial.speech.processes import SpeechProcesses
from gdial.speech.text import spoken_text
from gdial.speech.voice_server import VoiceServer

ADDRESS = "https://translate.google.com"
PATH = "/_/TranslateWebserverUi/data/batchexecute"
PROCEDURE = "jQ1olc"
LONGEST_TEXT = 100
HEADERS = {"Referer": f"{ADDRESS}/", "Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
UNOFFICIAL = "gtts is Google Translate's voice and unofficial: it may end any day; its texts leave the organisation"

LANGUAGES = (
    *("af", "am", "ar", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fi", "fr"),
    *("fr-CA", "gl", "gu", "ha", "hi", "hr", "hu", "id", "is", "it", "iw", "ja", "jw", "km", "kn", "ko", "la", "lt"),
    *("lv", "ml", "mr", "ms", "my", "ne", "nl", "no", "pa", "pl", "pt", "pt-PT", "ro", "ru", "si", "sk", "sq", "sr"),
    *("su", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "yue", "zh", "zh-CN", "zh-TW"),
)


class GttsEngine:
    """One voice for each language, named as the language. `processes` read what it answers, and belong to whoever
    made them. Names of people are never sent to it."""

    name = "gtts"

    def __init__(self, server: VoiceServer, processes: SpeechProcesses, timeout_seconds: float) -> None:
        self._server = server
        self._processes = processes
        self._timeout_seconds = timeout_seconds

    async def speak(self, request: SpeechRequest) -> Pcm:
        spoken = spoken_text(request)
        language = find_language(request.language, LANGUAGES)
        if request.voice is not None:
            find_voice(request.voice, [language])
        # It knows two speeds, and is asked for none.
        facts = {"format": "mp3", "tempo": request.speed}
        sounds: list[Frame] = [
            await self._processes.run("sound.decode", facts, await self._say(text, language))
            for text in cut_text(spoken, LONGEST_TEXT)
        ]
        if len({sound.facts["rate"] for sound in sounds}) != 1:
            raise SpeechUnavailable("Google Translate answered at different rates")
        return Pcm(b"".join(sound.sound for sound in sounds), sounds[0].facts["rate"])

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        """Whether it answers is not asked."""
        return {language: [language] for language in LANGUAGES}

    async def close(self) -> None:
        await self._server.close()

    async def _say(self, text: str, language: str) -> bytes:
        asked = json.dumps([text, language, None, "null"], separators=(",", ":"))
        form = {"f.req": json.dumps([[[PROCEDURE, asked, None, "generic"]]], separators=(",", ":"))}
        limit = longest_seconds(self._timeout_seconds, text)
        body = await self._server.ask("POST", PATH, data=form, headers=HEADERS, timeout_seconds=limit)
        for line in body.decode(errors="replace").splitlines():
            if PROCEDURE in line:
                return _read_sound(line)
        raise SpeechUnavailable("Google Translate answered without a sound")


def _read_sound(line: str) -> bytes:
    """Out of `[["wrb.fr","jQ1olc","[\\"<base64>\\"]",…],…]`."""
    try:
        rows: list[Any] = json.loads(line)
        answer = next(row[2] for row in rows if row[1:2] == [PROCEDURE])
        return base64.b64decode(json.loads(answer)[0], validate=True)
    except (ValueError, TypeError, IndexError, StopIteration, binascii.Error):
        raise SpeechUnavailable("Google Translate answered without a sound") from None
