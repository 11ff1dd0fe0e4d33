"""Which espeak-ng voice speaks a BCP-47 language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdial.errors import InvalidInput, Worded

# Where espeak-ng's own choice for a bare language is not the one meant, or it has another name for it.
PREFERRED = {"en": "en-gb", "nn": "nb", "zh": "cmn", "pt": "pt-pt", "iw": "he", "in": "id"}


@dataclass(frozen=True, slots=True)
class EspeakVoice:
    """`identifier` is espeak-ng's file name for it (`gmq/sv`). `languages` are BCP-47 in small letters, the main one
    first, each with espeak-ng's priority: the voice with the lowest speaks the language best."""

    identifier: str
    name: str
    languages: Mapping[str, int]

    @property
    def main_language(self) -> str:
        return next(iter(self.languages), self.identifier)


@dataclass(frozen=True, slots=True)
class EspeakVoices:
    """The voices in espeak-ng's data folder, and the variants (`f3`, `m1`, `whisper`) that each can take."""

    voices: Sequence[EspeakVoice]
    variants: Sequence[str]

    def choose(self, language: str, voice: str | None) -> str:
        """espeak-ng's name for the voice: `gmq/sv` for `sv-SE`, `gmq/sv+f3` for the voice `sv+f3` or `+f3`.

        Raises `InvalidInput` that lists those there are, also for a voice of another language than the text's:
        it would be spoken, and nobody would understand it.
        """
        own = self._find_language(language)
        if voice is None:
            return own.identifier
        base, plus, variant = voice.partition("+")
        if plus and variant not in self.variants:
            raise InvalidInput(
                f'there is no variant "{variant}"; there are: {", ".join(self.variants)}', where="voice", example="+f3"
            )
        chosen = self._find_voice(base) if base else own
        if _main_languages(chosen).isdisjoint(_main_languages(own)):
            raise InvalidInput(
                f'the voice "{voice}" does not speak "{language}"', where="voice", example=own.main_language
            )
        return f"{chosen.identifier}+{variant}" if plus else chosen.identifier

    def _find_language(self, language: str) -> EspeakVoice:
        by_language = self._by_language()
        tag = language.strip().lower().replace("_", "-")
        while tag:
            if (found := by_language.get(PREFERRED.get(tag, tag)) or by_language.get(tag)) is not None:
                return found
            tag = tag.rpartition("-")[0]
        there_are = ", ".join(sorted(by_language))
        reason = Worded('no voice speaks "{language}"; there are: {others}', language=language, others=there_are)
        raise InvalidInput(reason, where="language", example="sv")

    def _by_language(self) -> Mapping[str, EspeakVoice]:
        best: dict[str, EspeakVoice] = {}
        for voice in self.voices:
            for language, priority in voice.languages.items():
                if language not in best or priority < best[language].languages[language]:
                    best[language] = voice
        return best

    def _find_voice(self, name: str) -> EspeakVoice:
        for voice in self.voices:
            if name.lower() in (voice.identifier.lower(), voice.name.lower(), *voice.languages):
                return voice
        names = ", ".join(sorted(voice.main_language for voice in self.voices))
        raise InvalidInput(f'there is no voice "{name}"; there are: {names}', where="voice", example="sv+f3")


def _main_languages(voice: EspeakVoice) -> set[str]:
    return {language.split("-")[0] for language in voice.languages}
