"""An engine that is left alone while it is sick, so that no text waits for it again and again.

well ──waited for in vain, or three texts in a row──> resting ──pause over, next text or look──> probed ──speaks──> well
                                                         ^                                         │
                                                         └───────────it fails: longer pause────────┘
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import structlog

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.monitoring import metrics
from gdial.monitoring.alarms import Alarms
from gdial.speech.base import Engine, ListedEngine, Pcm, SpeechLate, SpeechRequest
from gdial.speech.sound_check import check_sound
from gdial.speech.text import spoken_text

FAILED_TEXTS = 3
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 300.0
# Worded in every language, known to nobody, and no engine's fault if it cannot be said.
PROBE_TEXT = "1 2 3"

log = structlog.get_logger(__name__)


class EngineRests(SpeechUnavailable):
    """Not asked: it failed a moment ago, which the log has told."""


class GuardedEngine:
    """`engine`, whose sound is checked and who rests after failures, of which `alarms` tells; `clock` gives seconds.

    While it rests every text is refused at once with `EngineRests`. The first one after the pause, or a `look`, has it
    probed beside the way, with a text of our own: no text waits for an engine that may still be sick.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], float] = time.monotonic, alarms: Alarms | None = None
    ) -> None:
        self._engine = engine
        self._alarms = alarms
        metrics.speech_engine_resting.labels(engine.name).set(0)
        self._clock = clock
        self._failed_texts: set[str] = set()
        self._asking: set[asyncio.Task[Pcm]] = set()
        self._reason = ""
        self._refused: SpeechRequest | None = None
        self._pauses = 0
        self._rests_since = self._rests_until = 0.0
        self._probing: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def is_resting(self) -> bool:
        return bool(self._reason)

    @property
    def reason(self) -> str:
        """Why it rests, "" while it does not."""
        return self._reason

    @property
    def resting_seconds(self) -> float:
        """For how long it has rested, 0 while it does not."""
        return self._clock() - self._rests_since if self._reason else 0.0

    def look(self) -> None:
        """Have it probed where its pause is over, though no text comes."""
        if self._reason and self._refused is not None:
            self._probe_when_due(self._refused)

    async def speak(self, request: SpeechRequest) -> Pcm:
        if self._reason:
            self._probe_when_due(request)
            raise EngineRests(f"left alone for a while after: {self._reason}")
        asking = asyncio.create_task(self._ask(request))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            return await asking
        except asyncio.CancelledError:
            if self._reason and not _is_cancelled():
                raise EngineRests(f"given up with the others: {self._reason}") from None
            raise

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        """Raises `SpeechUnavailable` for an engine that cannot tell, and while it rests."""
        if self._reason or not isinstance(self._engine, ListedEngine):
            raise SpeechUnavailable(self._reason or f"{self.name} does not tell its voices")
        return await self._engine.list_voices()

    async def probed(self) -> None:
        """Waits for the probe that is under way, if one is."""
        if self._probing is not None:
            await self._probing

    async def close(self) -> None:
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)
        metrics.speech_engine_resting.labels(self.name).set(0)
        await self._engine.close()

    async def _ask(self, request: SpeechRequest) -> Pcm:
        try:
            pcm = await self._listen(request)
        except InvalidInput:
            raise
        except Exception as error:
            self._failed_texts.add(request.text)
            if isinstance(error, SpeechLate) or len(self._failed_texts) >= FAILED_TEXTS:
                self._rest(str(error) or type(error).__name__, request)
            raise
        self._failed_texts.clear()
        return pcm

    async def _listen(self, request: SpeechRequest) -> Pcm:
        pcm = await self._engine.speak(request)
        check_sound(pcm, spoken_text(request))
        return pcm

    def _rest(self, reason: str, refused: SpeechRequest) -> None:
        if self._reason:
            return
        self._reason, self._refused, self._rests_since = reason, refused, self._clock()
        metrics.speech_engine_resting.labels(self.name).set(1)
        self._pause()
        if self._alarms is not None:
            what = "a speech engine is left alone after failures; another voice speaks until it is well"
            self._alarms.sound("voice away", what, engine=self.name, why=reason)
        for asking in self._asking - {asyncio.current_task()}:
            asking.cancel()

    def _pause(self) -> None:
        seconds = min(FIRST_PAUSE_SECONDS * 2**self._pauses, LONGEST_PAUSE_SECONDS)
        self._pauses = min(self._pauses + 1, 10)
        self._rests_until = self._clock() + seconds
        log.warning("speech_engine_rests", engine=self.name, seconds=seconds, reason=self._reason)

    def _probe_when_due(self, request: SpeechRequest) -> None:
        if self._probing is None and self._clock() >= self._rests_until:
            self._probing = asyncio.create_task(self._probe(replace(request, text=PROBE_TEXT)))

    async def _probe(self, request: SpeechRequest) -> None:
        try:
            await self._listen(request)
        except InvalidInput:
            # Its language or voice was refused, by an engine that answers: the next text tells more.
            self._wake()
        except Exception as error:
            self._reason = str(error) or type(error).__name__
            self._pause()
        else:
            self._pauses = 0
            self._wake()
        finally:
            self._probing = None

    def _wake(self) -> None:
        self._reason = ""
        self._failed_texts.clear()
        metrics.speech_engine_resting.labels(self.name).set(0)
        log.info("speech_engine_speaks_again", engine=self.name)
        if self._alarms is not None:
            self._alarms.sound_over("voice away", "the speech engine speaks again", engine=self.name)


def _is_cancelled() -> bool:
    """Whether the caller was, and not what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
