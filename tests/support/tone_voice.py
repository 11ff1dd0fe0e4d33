"""A voice that hums: quick, and counted, for tests of what is spoken when, and not of how it sounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from gdial.speech.base import Pcm, SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.processes import SpeechProcesses
from gdial.speech.text import spoken_text

RATE = 16_000
SECONDS = 0.2
HUM = (np.sin(np.arange(int(RATE * SECONDS)) * 0.2) * 8_000).astype("<i2").tobytes()


class HummingEngine:
    """Waits with every text for `may_speak`; `began` is set by each."""

    name = "hum"

    def __init__(self) -> None:
        self.spoken: list[str] = []
        self.began = asyncio.Event()
        self.may_speak = asyncio.Event()
        self.may_speak.set()

    async def speak(self, request: SpeechRequest) -> Pcm:
        self.spoken.append(spoken_text(request))
        self.began.set()
        await self.may_speak.wait()
        return Pcm(HUM, RATE)

    async def close(self) -> None:
        pass


@asynccontextmanager
async def humming_store(folder: Path, secret: bytes) -> AsyncIterator[tuple[AudioStore, HummingEngine]]:
    """A store with this voice alone, and the voice."""
    processes, engine = SpeechProcesses(), HummingEngine()
    store = AudioStore(folder, secret, [engine], processes)
    try:
        yield store, engine
    finally:
        await store.close()
        await processes.close()
