"""Piper's Python package. Only ever loaded in a speech process, by one thread."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.frames import Frame
from gdial.speech.piper import NOT_INSTALLED

if TYPE_CHECKING:
    from piper import PiperVoice

LONGEST_SECONDS = 900


def speak(request: Frame) -> Frame:
    """Job: facts `text` (already worded), `model`, `speaker`, `length_scale` and `pause_seconds` between sentences;
    answers `rate` and the samples."""
    voice = _load(request.facts["model"])
    return Frame({"rate": voice.config.sample_rate}, _say(voice, request))


def _say(voice: PiperVoice, request: Frame) -> bytes:
    from piper import SynthesisConfig

    facts, rate = request.facts, voice.config.sample_rate
    config = SynthesisConfig(speaker_id=facts["speaker"], length_scale=facts["length_scale"])
    sentences: list[bytes] = []
    bytes_left = LONGEST_SECONDS * rate * 2
    for chunk in voice.synthesize(facts["text"], config):
        sentences.append(chunk.audio_int16_bytes)
        bytes_left -= len(sentences[-1])
        if bytes_left < 0:
            raise InvalidInput(f"the text takes more than {LONGEST_SECONDS // 60} minutes to say", where="text")
    return bytes(2 * int(facts["pause_seconds"] * rate)).join(sentences)


@cache
def _load(model: str) -> PiperVoice:
    try:
        from piper import PiperVoice
    except ImportError as error:
        raise SpeechUnavailable(NOT_INSTALLED) from error
    return PiperVoice.load(model)
