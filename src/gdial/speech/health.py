"""Whether the voices of this process give sound: told by every piece, and, after one that failed, by a text of our own.

well ──a piece fails, or the idle process has no pulse──> suspected ──our text fails──> mute ──any text speaks──> well
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.monitoring import metrics
from gdial.monitoring.alarms import Alarms
from gdial.speech.base import Engine, SpeechRequest
from gdial.speech.guard import PROBE_TEXT, GuardedEngine
from gdial.speech.processes import SpeechProcesses

QUIET_SECONDS = 5.0
"""A process that is well answers in a fraction of this, its start included."""
PULSE_SECONDS = 10.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 60.0
SILENT = "the speech process does not answer"
PULSE = SpeechRequest(PROBE_TEXT, "en")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SpeechTrouble:
    """Of one process. `is_mute`: no voice gives sound there; else another of its voices speaks."""

    since: datetime
    why: str
    is_mute: bool


class SpeechHealth:
    """Of the store that speaks with `engines` and finishes in `processes`, by whose clock it counts.

    `probe` has a text spoken by the whole chain and kept. Somebody calls `look` every few seconds: a voice that is away
    is tried again then though no text comes, and a process that hangs is found before a call needs it.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        processes: SpeechProcesses,
        probe: Callable[[SpeechRequest], Awaitable[object]],
        now: Callable[[], datetime],
        alarms: Alarms | None = None,
    ) -> None:
        self._engines = engines
        self._processes = processes
        self._probe = probe
        self._now = now
        self._alarms = alarms
        self._since: datetime | None = None
        self._failed: SpeechRequest | None = None
        self._failed_at = self._probe_at = 0.0
        self._pauses = 0
        self._why = ""
        self._is_mute = False
        self._asking: asyncio.Task[None] | None = None

    def trouble(self) -> SpeechTrouble | None:
        """None while every voice gives its sound in its time, as far as it was asked."""
        found = self._find()
        if found is None:
            self._since = None
            return None
        why, is_mute, seconds = found
        self._since = self._since or self._now() - timedelta(seconds=seconds)
        return SpeechTrouble(self._since, why, is_mute)

    def _find(self) -> tuple[str, bool, float] | None:
        """Why, whether nobody speaks, and for how many seconds."""
        quiet = self._processes.quiet_seconds
        if quiet >= QUIET_SECONDS:
            return SILENT, True, quiet
        if self._is_mute:
            return self._why, True, self._processes.monotonic() - self._failed_at
        resting = [it for it in self._engines if isinstance(it, GuardedEngine) and it.is_resting]
        if not resting:
            return None
        why = "; ".join(f"{it.name}: {it.reason}" for it in resting)
        return why, len(resting) == len(self._engines), max(it.resting_seconds for it in resting)

    def note_made(self) -> None:
        was_mute, self._is_mute, self._failed, self._pauses = self._is_mute, False, None, 0
        metrics.speech_mute.set(0)
        if was_mute and self._alarms is not None:
            self._alarms.sound_over("voice away", "a voice gives sound again", engine="all")

    def note_failed(self, request: SpeechRequest, why: str) -> None:
        """No voice gave sound for this text. Whether that is the text's fault, one of our own shows at once."""
        if self._failed is not None:
            return
        self._failed = replace(request, text=PROBE_TEXT, voice=None, is_private=False)
        self._failed_at = self._probe_at = self._processes.monotonic()
        self._why = why
        self._begin(self._try_again)

    def look(self) -> None:
        """Never waits. Not in a process that has not spoken yet: it knows of nothing."""
        for engine in self._engines:
            if isinstance(engine, GuardedEngine):
                engine.look()
        if self._failed is not None:
            if self._processes.monotonic() >= self._probe_at:
                self._begin(self._try_again)
        elif self._processes.is_idle:
            self._begin(self._feel_pulse)

    async def looked(self) -> None:
        """Waits for what `look` or a failure has begun."""
        if self._asking is not None:
            await self._asking

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def _begin(self, ask: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """One thing at a time: what is left out is done at the next look."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(ask())

    async def _feel_pulse(self) -> None:
        try:
            await self._processes.run("pulse", {}, timeout_seconds=PULSE_SECONDS)
        except SpeechUnavailable as error:
            log.warning("the idle speech process gave no sign of life", why=str(error))
            self.note_failed(PULSE, str(error))
            await self._try_again()

    async def _try_again(self) -> None:
        failed = self._failed
        if failed is None:
            return
        try:
            await self._probe(failed)
        except InvalidInput:
            # The language was refused, by engines that answer.
            self.note_made()
        except Exception as error:
            if self._failed is failed:
                self._fall_mute(str(error) or type(error).__name__)
        else:
            self.note_made()

    def _fall_mute(self, why: str) -> None:
        if not self._is_mute and self._alarms is not None:
            what = "no voice gives sound; the carrier's own voice speaks until one does"
            self._alarms.sound("voice away", what, engine="all", why=why)
        self._is_mute, self._why = True, why
        metrics.speech_mute.set(1)
        self._probe_at = self._processes.monotonic() + min(FIRST_PAUSE_SECONDS * 2**self._pauses, LONGEST_PAUSE_SECONDS)
        self._pauses = min(self._pauses + 1, 10)
