"""Whether a chain of engines has a language and a voice, told before anything is spoken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.base import CheckingEngine, Engine, ListedEngine, SpeechRequest
from gdial.speech.language_match import find_language, find_voice, main_language

log = structlog.get_logger(__name__)

FRESH_SECONDS = 60.0
PATIENCE_SECONDS = 3.0
"""Somebody waits to hear whether the request is right; an engine that takes longer is not asked about it."""

Voices = Mapping[str, Sequence[str]]


class KnownVoices:
    """What engines told of themselves lately. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._told: dict[Engine, tuple[float, Voices]] = {}

    async def check(self, chain: Sequence[Engine], request: SpeechRequest) -> None:
        """Raises `InvalidInput` when every engine of the chain would refuse this language, or the first of them the
        voice: a voice is its word alone. One that cannot tell does not refuse."""
        if request.voice is not None:
            chain = chain[:1]
        refusals = [await self._refusal(engine, request) for engine in chain]
        told = [refusal for refusal in refusals if refusal is not None]
        if told and len(told) == len(refusals):
            raise told[0]

    async def _refusal(self, engine: Engine, request: SpeechRequest) -> InvalidInput | None:
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._ask(engine, request.language, request.voice)
        except InvalidInput as error:
            return error
        except (SpeechUnavailable, TimeoutError) as error:
            log.info("an engine cannot tell its voices now", engine=engine.name, why=str(error) or "no answer in time")
        except Exception:
            # A fault in one engine must not refuse what others can say.
            log.exception("an engine cannot tell its voices", engine=engine.name)
        return None

    async def _ask(self, engine: Engine, language: str, voice: str | None) -> None:
        if isinstance(engine, CheckingEngine):
            await engine.check(language, voice)
        elif isinstance(engine, ListedEngine):
            known = await self._list(engine)
            find_language(language, known)
            own = [
                name for tag, names in known.items() if main_language(tag) == main_language(language) for name in names
            ]
            # None are listed where they are known only once a model is loaded.
            if voice is not None and own:
                find_voice(voice, own)

    async def _list(self, engine: ListedEngine) -> Voices:
        told = self._told.get(engine)
        if told is None or self._clock() - told[0] > FRESH_SECONDS:
            told = self._told[engine] = (self._clock(), await engine.list_voices())
        return told[1]
