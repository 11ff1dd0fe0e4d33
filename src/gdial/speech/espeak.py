"""espeak-ng, the voice that comes with the package: Swedish, English and about a hundred more, offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gdial.speech.base import Pcm, SpeechRequest
from gdial.speech.espeak_voices import EspeakVoice, EspeakVoices
from gdial.speech.processes import SpeechProcesses
from gdial.speech.text import spoken_text


class EspeakEngine:
    """Speaks in `processes`, which belong to whoever made them: `close` leaves them running.

    A voice is an espeak-ng voice of the text's language with an optional variant: `sv`, `sv+f3`, `+f3`, `gmw/en-US`.
    Two syntheses of one request sound alike but are not the same bytes.
    """

    name = "espeak"

    def __init__(self, processes: SpeechProcesses) -> None:
        self._processes = processes

    async def speak(self, request: SpeechRequest) -> Pcm:
        facts = {
            "text": spoken_text(request),
            "language": request.language,
            "voice": request.voice,
            "speed": request.speed,
        }
        reply = await self._processes.run("espeak.speak", facts)
        return Pcm(reply.sound, reply.facts["rate"])

    async def voices(self) -> EspeakVoices:
        """The voices and variants that `SpeechRequest.voice` may name."""
        facts = (await self._processes.run("espeak.voices", {})).facts
        voices = tuple(EspeakVoice(v["identifier"], v["name"], v["languages"]) for v in facts["voices"])
        return EspeakVoices(voices, tuple(facts["variants"]))

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        """Each may be said with a variant behind it: `sv+f3`."""
        voices = (await self.voices()).voices
        return {voice.main_language: [voice.main_language] for voice in voices}

    async def check(self, language: str, voice: str | None) -> None:
        (await self.voices()).choose(language, voice)

    async def close(self) -> None:
        """Nothing of its own to close."""
