"""Coqui's Python package. Only ever loaded in a speech process, by one thread; with torch it takes seconds to load."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gdial.errors import SpeechUnavailable
from gdial.speech.coqui import NOT_INSTALLED
from gdial.speech.frames import Frame
from gdial.speech.language_match import find_voice
from gdial.speech.sound_file import stretch


def load(request: Frame) -> Frame:
    """Job: fact `model`; answers nothing when it is loaded."""
    _load(request.facts["model"])
    return Frame()


def speak(request: Frame) -> Frame:
    """Job: facts `text` (already worded), `model`, `language`, `voice`, `speed`; answers `rate` and the samples."""
    facts = request.facts
    model = _load(facts["model"])
    options: dict[str, str] = {}
    if model.is_multi_lingual:
        options["language"] = facts["language"]
    if model.is_multi_speaker:
        # A model of many people has no voice of its own: the first stands for it.
        options["speaker"] = find_voice(facts["voice"], model.speakers) if facts["voice"] else model.speakers[0]
    elif facts["voice"] is not None:
        find_voice(facts["voice"], [])
    rate = int(model.synthesizer.output_sample_rate)
    samples = _to_samples(model.tts(facts["text"], **options))
    speed = float(facts["speed"])
    return Frame({"rate": rate}, samples if speed == 1.0 else stretch(samples, rate, speed))


def _to_samples(sound: Any) -> bytes:
    values = np.asarray(sound, dtype=np.float64).reshape(-1)
    loudest = max(1.0, float(np.abs(values).max(initial=0.0)))
    return np.round(values / loudest * 32_767).astype("<i2").tobytes()


@cache
def _load(model: str) -> Any:
    try:
        from TTS.api import TTS
    except ImportError as error:
        raise SpeechUnavailable(NOT_INSTALLED) from error
    path = Path(model)
    if path.is_file():
        return TTS(model_path=str(path), config_path=str(path.with_name("config.json")), progress_bar=False)
    return TTS(model_name=model, progress_bar=False)
