"""Piper's voices: files in the format of https://github.com/OHF-Voice/piper1-gpl, a model with its JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gdial.errors import SpeechUnavailable
from gdial.speech.language_match import find_language, find_voice, main_language, plain_tag


@dataclass(frozen=True, slots=True)
class PiperModel:
    """`language` is BCP-47 (`sv-se`); `speakers` are the numbers of a voice with several people in it; at
    `length_scale` it speaks at its own speed, above it slower."""

    path: Path
    language: str
    speakers: Mapping[str, int]
    length_scale: float

    @property
    def voices(self) -> tuple[str, ...]:
        """What may be named as the voice: the file's name without its ending, and each speaker."""
        return (self.path.stem, *self.speakers)


@dataclass(frozen=True, slots=True)
class ChosenModel:
    path: Path
    speaker: int | None
    length_scale: float


@dataclass(frozen=True, slots=True)
class PiperModels:
    """`by_language` are the models for one language each (`sv`); `common` speaks the language it was made for, where
    that has no model of its own. A model is read when it is first asked for."""

    common: Path | None
    by_language: Mapping[str, Path]
    _read: dict[Path, PiperModel] = field(default_factory=dict, repr=False, compare=False)

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys([*self.by_language.values(), *([self.common] if self.common else [])]))

    @property
    def fingerprint(self) -> str:
        """Another one when another file is named, or one of another size lies there."""
        return ",".join(f"{path.stem}.{path.stat().st_size if path.is_file() else 0}" for path in self.paths)

    def languages(self) -> dict[str, PiperModel]:
        """Which model speaks which language. Raises `SpeechUnavailable` for a file that cannot be read, or that was
        made for another language than it is set for: it would be spoken, and nobody would understand it."""
        found: dict[str, PiperModel] = {}
        for language, path in self.by_language.items():
            model = self._get(path)
            if main_language(model.language) != language:
                raise SpeechUnavailable(
                    f"{path} is a voice for {model.language}, but PIPER_MODEL_{language.upper()} names it"
                )
            found[language] = model
        if self.common is not None:
            model = self._get(self.common)
            found.setdefault(main_language(model.language), model)
        return found

    def voices(self) -> dict[str, tuple[str, ...]]:
        """The voices of each language. Raises as `languages` does."""
        return {language: model.voices for language, model in self.languages().items()}

    def choose(self, language: str, voice: str | None) -> ChosenModel:
        """Raises `InvalidInput` naming those there are; `SpeechUnavailable` as `languages` does."""
        known = self.languages()
        model = known[find_language(main_language(language), known)]
        if voice is None:
            return ChosenModel(model.path, None, model.length_scale)
        speaker = model.speakers.get(find_voice(voice, model.voices))
        return ChosenModel(model.path, speaker, model.length_scale)

    def _get(self, path: Path) -> PiperModel:
        if path not in self._read:
            self._read[path] = _read_model(path)
        return self._read[path]


def _read_model(path: Path) -> PiperModel:
    if not path.is_file():
        raise SpeechUnavailable(f"there is no Piper voice {path}: see docs/howto/voices.md")
    beside = Path(f"{path}.json")
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))
        length_scale = float((told.get("inference") or {}).get("length_scale", 1.0))
        return PiperModel(path, _language_of(told), dict(told.get("speaker_id_map") or {}), length_scale)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SpeechUnavailable(f"{beside} does not describe a Piper voice: {error}") from error


def _language_of(told: Mapping[str, Any]) -> str:
    """Older voices tell only espeak-ng's name for it."""
    return plain_tag((told.get("language") or {}).get("code") or told["espeak"]["voice"])
