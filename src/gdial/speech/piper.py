"""Piper, neural voices on this machine: https://github.com/OHF-Voice/piper1-gpl."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from gdial.errors import SpeechUnavailable
from gdial.speech.base import Pcm, SpeechRequest
from gdial.speech.patience import longest_seconds
from gdial.speech.piper_models import PiperModels
from gdial.speech.processes import SpeechProcesses
from gdial.speech.text import spoken_text

NOT_INSTALLED = "Piper is not installed; type: pip install 'gdial[piper]'"
SENTENCE_PAUSE_SECONDS = 0.2
# Two brackets begin phonemes in Piper's text.
BRACKETS = re.compile(r"\[(?=\[)")


class PiperEngine:
    """Speaks through the package `piper-tts` in `processes`, its own, where each model stays loaded.

    A voice is the model's file name without its ending, or one of its speakers. Its first text waits for the model to
    be read, a second or two. Two syntheses of one request are not the same bytes.
    """

    def __init__(self, models: PiperModels, processes: SpeechProcesses, timeout_seconds: float) -> None:
        self.models = models
        self.name = f"piper {models.fingerprint}"
        self._processes = processes
        self._timeout_seconds = timeout_seconds

    async def speak(self, request: SpeechRequest) -> Pcm:
        spoken = spoken_text(request)
        chosen = self.models.choose(request.language, request.voice)
        facts = {
            "text": without_phonemes(spoken),
            "model": str(chosen.path),
            "speaker": chosen.speaker,
            "length_scale": chosen.length_scale / request.speed,
            "pause_seconds": SENTENCE_PAUSE_SECONDS / request.speed,
        }
        limit = longest_seconds(self._timeout_seconds, spoken)
        reply = await self._processes.run("piper.speak", facts, timeout_seconds=limit)
        return Pcm(reply.sound, reply.facts["rate"])

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        if find_spec("piper") is None:
            raise SpeechUnavailable(NOT_INSTALLED)
        return self.models.voices()

    async def close(self) -> None:
        await self._processes.close()


def without_phonemes(text: str) -> str:
    """Nothing in it is a command to Piper."""
    return BRACKETS.sub("[ ", text)
