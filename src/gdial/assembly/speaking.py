"""The voices that this version speaks with, and the store of what they said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from gdial.errors import InvalidInput
from gdial.monitoring.alarms import Alarms
from gdial.runtime import Clock
from gdial.settings import Settings
from gdial.settings.complaints import raise_all
from gdial.settings.contradictions import missing_for
from gdial.speech.base import Engine, ListedEngine
from gdial.speech.cache import AudioStore
from gdial.speech.coqui import CoquiEngine, CoquiServer
from gdial.speech.espeak import EspeakEngine
from gdial.speech.google import Access, GoogleEngine
from gdial.speech.google_access import ApiKey, ServiceAccount
from gdial.speech.gtts import ADDRESS, UNOFFICIAL, GttsEngine
from gdial.speech.guard import GuardedEngine
from gdial.speech.lexicon_keeper import LexiconKeeper
from gdial.speech.piper import PiperEngine
from gdial.speech.piper_models import PiperModels
from gdial.speech.piper_program import PiperProgram
from gdial.speech.processes import SpeechProcesses
from gdial.speech.voice_server import VoiceServer
from gdial.storage.audio_pieces import AudioShelf
from gdial.storage.database import Database
from gdial.storage.lexicon import LexiconTable
from gdial.storage.recordings import RecordingShelf

log = structlog.get_logger(__name__)

CLOUD = frozenset({"google", "gtts"})
"""Whose texts leave the organisation."""


def open_speech(
    settings: Settings,
    secret: bytes,
    processes: SpeechProcesses,
    database: Database,
    clock: Clock,
    alarms: Alarms | None = None,
) -> AudioStore:
    """Where other machines may be on the same database, what was spoken on one is found by all. `alarms` tell of
    engines that rest."""
    engines = open_engines(settings, processes, alarms)
    shelf = RecordingShelf(database, None if database.is_sqlite else AudioShelf(database, clock))
    private = [engine for name, engine in engines.items() if may_hear_names(settings, name)]
    return AudioStore(
        settings.audio_dir,
        secret,
        list(engines.values()),
        processes,
        shelf=shelf,
        private_engines=private,
        lexicon=LexiconKeeper(LexiconTable(database)),
        now=clock,
        alarms=alarms,
    )


def open_engines(settings: Settings, processes: SpeechProcesses, alarms: Alarms | None = None) -> Mapping[str, Engine]:
    """The chain, in the order they are asked. Nothing is loaded or asked yet; to be closed one by one."""
    if "gtts" in settings.speech_engines:
        log.warning(UNOFFICIAL)
    return {name: open_engine(name, settings, processes, alarms) for name in settings.speech_engines}


def open_engine(name: str, settings: Settings, processes: SpeechProcesses, alarms: Alarms | None = None) -> Engine:
    """One of `ENGINES`, guarded. espeak is not: it is at hand, and what fails there is the text.

    Raises `InvalidSetting` for one that lacks a setting, `InvalidInput` naming those there are.
    """
    if name not in ENGINES:
        raise InvalidInput(f'there is no engine "{name}"; there are: {", ".join(ENGINES)}', where="engine")
    raise_all([*missing_for(settings, name)])
    engine = ENGINES[name](settings, processes)
    return engine if name == "espeak" else GuardedEngine(engine, alarms=alarms)


def may_hear_names(settings: Settings, name: str) -> bool:
    """Whether messages that name people are spoken by it. An unofficial service never hears one."""
    return name not in CLOUD or (name == "google" and settings.tts_names_to_cloud)


def piper_models(settings: Settings) -> PiperModels:
    own: Mapping[str, Path | None] = {"sv": settings.piper_model_sv, "en": settings.piper_model_en}
    return PiperModels(settings.piper_model, {language: path for language, path in own.items() if path is not None})


def _piper(settings: Settings, processes: SpeechProcesses) -> ListedEngine:
    models, timeout = piper_models(settings), settings.tts_timeout_sec
    if settings.piper_binary is not None:
        return PiperProgram(settings.piper_binary, models, processes, timeout)
    return PiperEngine(models, SpeechProcesses(), timeout)


def _coqui(settings: Settings, processes: SpeechProcesses) -> ListedEngine:
    languages, timeout = settings.coqui_languages, settings.tts_timeout_sec
    if settings.coqui_url is not None:
        return CoquiServer(VoiceServer("Coqui's server", settings.coqui_url), languages, processes, timeout)
    return CoquiEngine(settings.coqui_model or "", languages, SpeechProcesses(), timeout)


def _google(settings: Settings, processes: SpeechProcesses) -> ListedEngine:
    server = VoiceServer("Google", settings.google_tts_endpoint)
    return GoogleEngine(server, _access(settings), processes, settings.tts_timeout_sec)


def _access(settings: Settings) -> Access:
    if settings.google_tts_api_key is not None:
        return ApiKey(settings.google_tts_api_key.get_secret_value())
    return ServiceAccount(settings.google_application_credentials or Path())


def _gtts(settings: Settings, processes: SpeechProcesses) -> ListedEngine:
    return GttsEngine(VoiceServer("Google Translate", ADDRESS), processes, settings.tts_timeout_sec)


ENGINES: Mapping[str, Callable[[Settings, SpeechProcesses], ListedEngine]] = {
    "espeak": lambda _settings, processes: EspeakEngine(processes),
    "piper": _piper,
    "coqui": _coqui,
    "google": _google,
    "gtts": _gtts,
}
"""Those of a process of their own have one beside `processes`: a model that hangs must not hold up the others."""
