"""The store of finished pieces: each text is spoken once, and found again under a name nobody can guess."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from gdial.errors import InvalidInput, SetupError, SpeechUnavailable
from gdial.monitoring import metrics
from gdial.monitoring.alarms import Alarms
from gdial.speech.base import Audio, Engine, Pcm, SpeechRequest, engine_word
from gdial.speech.chain import make_with_first
from gdial.speech.folder import AudioFolder
from gdial.speech.formats import FORMATS, PIPELINE_VERSION, AudioFormat
from gdial.speech.frames import Frame
from gdial.speech.health import SpeechHealth
from gdial.speech.known_voices import KnownVoices
from gdial.speech.lexicon import NO_LEXICON
from gdial.speech.lexicon_keeper import LexiconKeeper
from gdial.speech.processes import SpeechProcesses
from gdial.speech.shelf import OptionalShelf, Shelf
from gdial.speech.text import spoken_text

SHORTEST_SECRET_BYTES = 16
# An engine's sound is five times a finished piece; a batch of thousands must not hold all of it at once.
MADE_AT_ONCE = 8
NAME = re.compile(r"[0-9a-f]{64}")


class AudioStore:
    """Pieces in one folder, made by the first of `engines` that speaks and finished in `processes`.

    Several GDial processes may share the folder; those that do not find each other's pieces on the `shelf`, from which
    they are copied into the folder. `clock` gives seconds since 1970.
    `lexicon` is the organisation's; a piece with other words has another name.
    `private_engines` (None: all) are those of `engines` that may speak what belongs to a message that names people.
    `health` tells whether there is sound, dated by `now`; `alarms` hear of it.
    `made`, `reused` and `failed` count pieces since the start, `made_by` the pieces of each engine.
    """

    def __init__(
        self,
        folder: Path,
        secret: bytes,
        engines: Sequence[Engine],
        processes: SpeechProcesses,
        *,
        clock: Callable[[], float] = time.time,
        shelf: Shelf | None = None,
        private_engines: Sequence[Engine] | None = None,
        lexicon: LexiconKeeper | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        alarms: Alarms | None = None,
    ) -> None:
        """Raises `SetupError` for a folder that cannot be used, a short secret, or no engine."""
        if len(secret) < SHORTEST_SECRET_BYTES:
            raise SetupError(f"the secret for audio names needs at least {SHORTEST_SECRET_BYTES} bytes")
        if not engines:
            raise SetupError("no speech engine is set up: set TTS_ENGINE=espeak")
        self._folder = AudioFolder(folder, clock)
        self._secret = secret
        self._engines = tuple(engines)
        self._private_engines = self._engines if private_engines is None else tuple(private_engines)
        self._processes = processes
        self._shelf = OptionalShelf(shelf)
        self._making: dict[str, asyncio.Task[Audio]] = {}
        self._turns = asyncio.Semaphore(MADE_AT_ONCE)
        self._voices = KnownVoices()
        self.lexicon = lexicon or LexiconKeeper()
        self.health = SpeechHealth(self._engines, processes, self._probe, now, alarms)
        self.made = 0
        self.reused = 0
        self.failed = 0
        self.made_by: Counter[str] = Counter()

    def name_for(self, request: SpeechRequest, audio_format: AudioFormat = "wav") -> str:
        """64 hexadecimal digits, known before the piece is made; the same request always has the same name.

        It follows the first engine's name, not whichever of the chain will speak. Raises `InvalidInput` for a request
        that can never be spoken; does not ask the engines.
        """
        request = self._worded(request)
        facts = [
            PIPELINE_VERSION,
            *(engine.name for engine in self._chain(request)[:1]),
            spoken_text(request),
            request.language.strip().lower().replace("_", "-"),
            request.voice,
            # Adding zero makes one of the two zeros, and one form of 1 and 1.0.
            *(float(request.speed) + 0.0, float(request.pitch) + 0.0),
            audio_format,
        ]
        return hmac.digest(self._secret, json.dumps(facts).encode(), "sha256").hex()

    async def check(self, request: SpeechRequest) -> None:
        """Raises `InvalidInput`, naming those there are, for a text, engine, language or voice with which `prepare`
        would fail. An engine that cannot tell in a moment passes: then only `prepare` will tell."""
        self.name_for(request)
        await self._voices.check(self._chain(request), request)

    def find(self, name: str) -> Audio | None:
        """The piece of this name in the folder, which then counts as used; None for any other text, also for a path."""
        return self._folder.find(name) if NAME.fullmatch(name) else None

    def lookup(self, request: SpeechRequest, audio_format: AudioFormat = "wav") -> Audio | None:
        """The piece, when it is in the folder. Asks the file system only whether the file is there."""
        return self.find(self.name_for(request, audio_format))

    async def find_many(self, names: Iterable[str]) -> dict[str, Audio]:
        """Those that are in the folder or on the shelf, which is asked once, and only for what the folder lacks.

        They are in the folder afterwards. A shelf that is away counts as empty; never raises.
        """
        wanted = list(dict.fromkeys(names))
        found = {name: audio for name in wanted if (audio := self.find(name)) is not None}
        missing = [name for name in wanted if name not in found and NAME.fullmatch(name)]
        for name, (audio_format, data) in (await self._shelf.get(missing)).items():
            if (audio := await self._copy(name, audio_format, data)) is not None:
                found[name] = audio
        return found

    async def prepare(
        self, request: SpeechRequest, audio_format: AudioFormat = "wav", *, ask_shelf: bool = True
    ) -> Audio:
        """The piece, made if it is not there; made once however many ask for it at the same time in this process.

        `ask_shelf` False when that was done a moment ago. Raises `InvalidInput` for a request no engine accepts,
        `SpeechUnavailable` when none gives audio or the folder takes no more. Who gives up waiting does not stop the
        making.
        """
        await self.lexicon.refresh()
        request = self._worded(request)
        name = self.name_for(request, audio_format)
        if (found := self.find(name)) is not None:
            self.count_reused()
            return found
        making = self._making.get(name)
        if making is None:
            making = self._making[name] = asyncio.create_task(self._get(name, request, audio_format, ask_shelf))
            making.add_done_callback(lambda done: self._forget(name, done))
        else:
            self.count_reused()
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            if making.cancelled():
                raise SpeechUnavailable("the audio store was closed") from None
            raise

    def count_reused(self, pieces: int = 1) -> None:
        """So many were asked for and there already."""
        self.reused += pieces
        metrics.speech_pieces.labels("reused").inc(pieces)

    async def trim(self, max_bytes: int) -> int:
        """Deletes the pieces used longest ago until the rest has at most `max_bytes`; returns how many it deleted.

        What was used within the last hour stays, even when that is more than `max_bytes`.
        """
        return await asyncio.to_thread(self._folder.trim, max_bytes)

    async def remove_unused(self, seconds: float) -> int:
        """Deletes the pieces not used for so long; returns how many. What was used within the last hour stays."""
        return await asyncio.to_thread(self._folder.remove_unused, seconds)

    async def close(self) -> None:
        """Ends what is being made and closes the engines; the processes belong to whoever made them."""
        makings = list(self._making.values())
        for making in makings:
            making.cancel()
        await asyncio.gather(*makings, return_exceptions=True)
        await self.health.close()
        for engine in self._engines:
            await engine.close()

    async def _get(self, name: str, request: SpeechRequest, audio_format: AudioFormat, ask_shelf: bool) -> Audio:
        if ask_shelf and (found := (await self.find_many([name])).get(name)) is not None:
            self.count_reused()
            return found
        return await self._make(name, request, audio_format)

    async def _make(self, name: str, request: SpeechRequest, audio_format: AudioFormat) -> Audio:
        chain = self._chain(request)
        try:
            async with self._turns:
                engine, piece = await self._sound(chain, request, audio_format)
                audio = await self._keep(name, piece.facts["format"], piece.sound)
        except Exception as error:
            self._note_failed(request, chain, error)
            raise
        self.health.note_made()
        self.made += 1
        metrics.speech_pieces.labels("made").inc()
        self.made_by[engine] += 1
        await self._shelf.put(name, piece.facts["format"], piece.sound)
        return replace(audio, made_by=engine_word(engine))

    async def _sound(
        self, chain: Sequence[Engine], request: SpeechRequest, audio_format: AudioFormat
    ) -> tuple[str, Frame]:
        async def finish(pcm: Pcm) -> Frame:
            facts = {"rate": pcm.rate, "pitch": request.pitch, "format": audio_format}
            return await self._processes.run("audio.finish", facts, pcm.samples)

        return await make_with_first(chain, request, finish)

    def _note_failed(self, request: SpeechRequest, chain: Sequence[Engine], error: Exception) -> None:
        self.failed += 1
        metrics.speech_pieces.labels("failed").inc()
        # One engine that was asked for by its name, and nobody who may be asked, say nothing of the others.
        if chain and request.engine is None and isinstance(error, SpeechUnavailable):
            self.health.note_failed(request, str(error))

    async def _probe(self, request: SpeechRequest) -> None:
        """Spoken and kept again, though it is there."""
        _, piece = await self._sound(self._engines, request, "wav")
        await self._keep(self.name_for(request), piece.facts["format"], piece.sound)

    def _worded(self, request: SpeechRequest) -> SpeechRequest:
        """With the lexicon of now, unless it has one: between its name and its sound a lexicon may change."""
        return replace(request, lexicon=self.lexicon.current) if request.lexicon is NO_LEXICON else request

    def _chain(self, request: SpeechRequest) -> Sequence[Engine]:
        chain = self._private_engines if request.is_private else self._engines
        if request.engine is None:
            return chain
        named = [engine for engine in chain if engine_word(engine.name) == request.engine.strip().lower()]
        if not named:
            words = [engine_word(engine.name) for engine in chain]
            reason = f'there is no engine "{request.engine}" set up here; there are: {", ".join(words)}'
            raise InvalidInput(reason, where="engine", example=words[0] if words else "")
        return named

    async def _keep(self, name: str, audio_format: AudioFormat, data: bytes) -> Audio:
        try:
            return await asyncio.to_thread(self._folder.keep, name, FORMATS[audio_format], data)
        except OSError as error:
            raise SpeechUnavailable(f"audio cannot be written: {error}") from error

    async def _copy(self, name: str, audio_format: str, data: bytes) -> Audio | None:
        """None for what this version cannot play, and for a folder that takes no more."""
        known = next((each for each in FORMATS if each == audio_format), None)
        if known is None or len(data) <= FORMATS[known].header_bytes:
            return None
        with suppress(SpeechUnavailable):
            return await self._keep(name, known, data)
        return None

    def _forget(self, name: str, done: asyncio.Task[Audio]) -> None:
        del self._making[name]
        if not done.cancelled():
            # Looked at here, since everyone who waited may have gone.
            done.exception()
