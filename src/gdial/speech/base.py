"""The port to a voice, and the words of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from gdial.errors import SpeechUnavailable
from gdial.speech.lexicon import NO_LEXICON, Lexicon


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A text to be spoken.

    `language` is BCP-47 (`sv`, `en`, `en-US`), `voice` an engine's own name (None: its default for the language),
    `speed` a factor 0.5..2.0, `pitch` semitones -10..10. `is_private`: it belongs to a message that names people, and
    goes to a voice outside the organisation only where that is allowed. `lexicon` is the organisation's; the store
    gives a request the present one. `engine` is the only one that may speak it (None: whichever of the chain does).
    """

    text: str
    language: str
    voice: str | None = None
    speed: float = 1.0
    pitch: float = 0.0
    is_private: bool = False
    lexicon: Lexicon = NO_LEXICON
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class Pcm:
    """Sound as an engine gives it: signed 16-bit little-endian mono samples and their rate in Hz."""

    samples: bytes
    rate: int


@dataclass(frozen=True, slots=True)
class Audio:
    """A finished piece in the store. `name` cannot be guessed; the file never changes. `made_by` is the engine that
    spoke it, known only where it has just been made."""

    name: str
    path: Path
    seconds: float
    content_type: str
    made_by: str | None = field(default=None, compare=False)


class SpeechLate(SpeechUnavailable):
    """A voice was waited for and gave no audio in the time it had."""


class Engine(Protocol):
    """One way to speak.

    `speak` says `text.spoken_text(request)` at the request's speed; its pitch is left to the audio pipeline.
    It raises `SpeechUnavailable` when it gives no sound, `InvalidInput` for a text, language or voice it cannot use
    (naming those there are); it never returns silence for a text with words.
    `name` is part of every piece's name: it must change when the voice behind it does.
    """

    @property
    def name(self) -> str: ...

    async def speak(self, request: SpeechRequest) -> Pcm: ...

    async def close(self) -> None: ...


@runtime_checkable
class ListedEngine(Engine, Protocol):
    """One that can tell its voices."""

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        """The voices of each language it speaks, none where it only has its own. Raises `SpeechUnavailable`, saying
        why, where it cannot speak here."""
        ...


@runtime_checkable
class CheckingEngine(Engine, Protocol):
    """One that tells by rules of its own whether it has a language and a voice."""

    async def check(self, language: str, voice: str | None) -> None:
        """Raises `InvalidInput` naming those there are."""
        ...


def engine_word(name: str) -> str:
    """What an engine is called in settings and by people: its name without what may change behind it."""
    return name.partition(" ")[0]
