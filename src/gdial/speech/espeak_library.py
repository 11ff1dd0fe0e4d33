"""espeak-ng through ctypes. Only ever loaded in a speech process, by one thread: four threads abort the process.

The functions and numbers are those of espeak-ng's `speak_lib.h`.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import espeakng_loader
import numpy as np

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.espeak_voices import EspeakVoice, EspeakVoices
from gdial.speech.frames import Frame

AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000
CHARS_UTF8 = 1  # and neither espeakSSML (0x10) nor espeakPHONEMES (0x100): markup is text like any other
POS_CHARACTER = 1
RATE = 1
WORDS_PER_MINUTE = 175
SLOWEST, FASTEST = 80, 450
LONGEST_SECONDS = 900
QUIETEST_PEAK = 300

# From 240 characters on, "W.W.W.…" without a space runs over a buffer on espeak-ng's stack.
LONGEST_WORD = re.compile(r"(\S{50})(?=\S)")

SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class VoiceRecord(ctypes.Structure):
    """`espeak_VOICE`; `languages` is a list of priority byte and name, closed by a priority of 0."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("padding", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class EspeakLibrary:
    """The library with its data. Changes the working folder: espeak-ng cuts a data path at 160 characters, so it
    gets a relative one."""

    def __init__(self, library: Path, data: Path) -> None:
        try:
            self._library = ctypes.CDLL(str(library))
        except OSError as error:
            raise SpeechUnavailable(f"espeak-ng cannot be loaded: {error}") from error
        os.chdir(data.parent)
        self.rate = self._library.espeak_Initialize(
            AUDIO_OUTPUT_SYNCHRONOUS, 0, os.fsencode(data.name), INITIALIZE_DONT_EXIT
        )
        if self.rate <= 0:
            raise SpeechUnavailable(f"espeak-ng cannot read its data in {data}")
        self._declare()
        self._chunks: list[bytes] = []
        self._samples_left = 0
        # espeak-ng keeps the address only; without this reference Python would free what it points to.
        self._callback = SynthCallback(self._take_samples)
        self._library.espeak_SetSynthCallback(self._callback)
        self.voices = EspeakVoices(tuple(self._list_voices()), _list_variants(data))

    def _declare(self) -> None:
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(VoiceRecord))
        self._library.espeak_ListVoices.argtypes = (ctypes.c_void_p,)
        self._library.espeak_Synth.argtypes = (
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int),
            *(ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
        )

    def _list_voices(self) -> Iterator[EspeakVoice]:
        records = self._library.espeak_ListVoices(None)
        index = 0
        while records[index]:
            record = records[index].contents
            languages = dict(_read_languages(record.languages))
            yield EspeakVoice(record.identifier.decode(), record.name.decode().strip(), languages)
            index += 1

    def _take_samples(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, count * 2))
            self._samples_left -= count
        return 1 if self._samples_left < 0 else 0

    def say(self, text: str, voice: str, words_per_minute: int) -> bytes:
        """Signed 16-bit samples at `rate` Hz. Raises `InvalidInput` for a text that takes too long to say."""
        self._chunks.clear()
        self._samples_left = LONGEST_SECONDS * self.rate
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SpeechUnavailable(f"espeak-ng cannot load its voice {voice}")
        self._library.espeak_SetParameter(RATE, words_per_minute, 0)
        written = LONGEST_WORD.sub(r"\1 ", text).encode() + b"\0"
        failed = self._library.espeak_Synth(written, len(written), 0, POS_CHARACTER, 0, CHARS_UTF8, None, None)
        self._library.espeak_Synchronize()
        if self._samples_left < 0:
            raise InvalidInput(f"the text takes more than {LONGEST_SECONDS // 60} minutes to say", where="text")
        if failed:
            raise SpeechUnavailable(f"espeak-ng gave error {failed}")
        return b"".join(self._chunks)


def speak(request: Frame) -> Frame:
    """Job: facts `text` (already worded), `language`, `voice`, `speed`; answers `rate` and the samples."""
    espeak = _load()
    voice = espeak.voices.choose(request.facts["language"], request.facts["voice"])
    wanted = round(WORDS_PER_MINUTE * float(request.facts["speed"]))
    sound = espeak.say(request.facts["text"], voice, min(max(wanted, SLOWEST), FASTEST))
    if not _is_audible(sound):
        raise SpeechUnavailable(f"espeak-ng's voice {voice} made no sound of this text")
    return Frame({"rate": espeak.rate}, sound)


def voices(_request: Frame) -> Frame:
    """Job: answers `voices` (`identifier`, `name`, `languages` of each) and `variants`."""
    known = _load().voices
    told = [{"identifier": v.identifier, "name": v.name, "languages": dict(v.languages)} for v in known.voices]
    return Frame({"voices": told, "variants": list(known.variants)})


@cache
def _load() -> EspeakLibrary:
    library = Path(espeakng_loader.get_library_path())  # type: ignore[no-untyped-call]
    return EspeakLibrary(library, Path(espeakng_loader.get_data_path()))  # type: ignore[no-untyped-call]


def _read_languages(address: int) -> Iterator[tuple[str, int]]:
    while (priority := ctypes.string_at(address, 1)[0]) != 0:
        name = ctypes.string_at(address + 1)
        yield name.decode().lower(), priority
        address += 1 + len(name) + 1


def _list_variants(data: Path) -> tuple[str, ...]:
    return tuple(sorted(entry.name for entry in (data / "voices" / "!v").iterdir()))


def _is_audible(sound: bytes) -> bool:
    return len(sound) > 0 and int(np.frombuffer(sound, np.int16).max()) > QUIETEST_PEAK
