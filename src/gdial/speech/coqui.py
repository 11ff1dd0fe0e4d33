"""Coqui's voices: over the HTTP server that comes with them (`tts-server`), or in a process of ours.

Their server: https://github.com/idiap/coqui-ai-TTS, `TTS/server/server.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from gdial.errors import SpeechUnavailable
from gdial.speech.base import Pcm, SpeechLate, SpeechRequest
from gdial.speech.frames import Frame
from gdial.speech.language_match import find_language, find_voice
from gdial.speech.patience import longest_seconds
from gdial.speech.processes import SpeechProcesses
from gdial.speech.text import spoken_text
from gdial.speech.voice_server import VoiceServer

LOADING_SECONDS = 900.0
"""A model of two gigabytes over a slow line."""
NOT_INSTALLED = "Coqui is not installed; type: pip install 'gdial[coqui]', or set COQUI_URL to a server of it"


class CoquiServer:
    """A voice is one of the server's speakers. `languages` are those of its model, which the server does not tell.

    `processes` read what it answers, and belong to whoever made them.
    """

    name = "coqui"

    def __init__(
        self, server: VoiceServer, languages: Sequence[str], processes: SpeechProcesses, timeout_seconds: float
    ) -> None:
        self._server = server
        self._languages = languages
        self._processes = processes
        self._timeout_seconds = timeout_seconds

    async def speak(self, request: SpeechRequest) -> Pcm:
        spoken = spoken_text(request)
        form = {"text": spoken, "language_id": find_language(request.language, self._languages)}
        if request.voice is not None:
            form["speaker_id"] = find_voice(request.voice, await self.voices())
        limit = longest_seconds(self._timeout_seconds, spoken)
        file = await self._server.ask("POST", "/api/tts", data=form, timeout_seconds=limit)
        # Its server takes no speed.
        reply = await self._processes.run("sound.decode", {"format": "wav", "tempo": request.speed}, file)
        return Pcm(reply.sound, reply.facts["rate"])

    async def voices(self) -> Sequence[str]:
        """The speakers, from lines of name, language and gender; names may hold spaces."""
        listed = await self._server.ask("GET", "/voices", timeout_seconds=self._timeout_seconds)
        lines = [line.rsplit(maxsplit=2) for line in listed.decode(errors="replace").splitlines()]
        names = [line[0] for line in lines if len(line) == 3]
        if not names:
            raise SpeechUnavailable("Coqui's server listed no voices")
        return names

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        voices = await self.voices()
        return dict.fromkeys(self._languages, voices)

    async def close(self) -> None:
        await self._server.close()


class CoquiEngine:
    """The package in `processes`, its own, where the model stays loaded. `model` is one of Coqui's names, which is
    fetched over the network at the first text, or a file with its `config.json` beside it.

    Loading goes on when a text no longer waits for it; until it is done, texts are left to the next engine.
    """

    def __init__(
        self, model: str, languages: Sequence[str], processes: SpeechProcesses, timeout_seconds: float
    ) -> None:
        self.name = f"coqui {model}"
        self._model = model
        self._languages = languages
        self._processes = processes
        self._timeout_seconds = timeout_seconds
        self._loading: asyncio.Task[Frame] | None = None
        self._restarts = 0

    async def speak(self, request: SpeechRequest) -> Pcm:
        spoken = spoken_text(request)
        language = find_language(request.language, self._languages)
        facts = {"text": spoken, "model": self._model, "language": language, "voice": request.voice}
        limit = longest_seconds(self._timeout_seconds, spoken)
        await self._load(limit)
        reply = await self._processes.run("coqui.speak", facts | {"speed": request.speed}, timeout_seconds=limit)
        return Pcm(reply.sound, reply.facts["rate"])

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        """Its speakers are known when it is loaded: name one there is not, and be told."""
        if find_spec("TTS") is None:
            raise SpeechUnavailable(NOT_INSTALLED)
        return dict.fromkeys(self._languages, ())

    async def close(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await self._processes.close()

    async def _load(self, limit: float) -> None:
        """Into the process of now: one that was replaced has lost it."""
        if self._loading is None or self._restarts != self._processes.restarts:
            self._restarts = self._processes.restarts
            work = self._processes.run("coqui.load", {"model": self._model}, timeout_seconds=LOADING_SECONDS)
            self._loading = asyncio.create_task(work)
        loading = self._loading
        await asyncio.wait({loading}, timeout=limit)
        if not loading.done():
            raise SpeechLate(f"Coqui's model is still being loaded after {limit:g} seconds")
        try:
            loading.result()
        except SpeechUnavailable:
            self._loading = None
            raise
