"""The voices that this version speaks with, and the store of what they said."""

from __future__ import annotations

from collections.abc import Callable

from gdial.errors import SetupError
from gdial.runtime import Clock
from gdial.settings import Settings
from gdial.speech.base import Engine
from gdial.speech.cache import AudioStore
from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses
from gdial.storage.audio_pieces import AudioShelf
from gdial.storage.database import Database

ENGINES: dict[str, Callable[[Settings, SpeechProcesses], Engine]] = {
    "espeak": lambda _settings, processes: EspeakEngine(processes),
}


def open_speech(
    settings: Settings, secret: bytes, processes: SpeechProcesses, database: Database, clock: Clock
) -> AudioStore:
    """Where other machines may be on the same database, what was spoken on one is found by all."""
    engines = [ENGINES[name](settings, processes) for name in settings.speech_engines if name in ENGINES]
    missing = [name for name in settings.speech_engines if name not in ENGINES]
    if missing:
        raise SetupError(f"TTS engine {missing[0]} is not there; this version speaks with: {', '.join(ENGINES)}")
    shelf = None if database.is_sqlite else AudioShelf(database, clock)
    return AudioStore(settings.audio_dir, secret, engines, processes, shelf=shelf)
