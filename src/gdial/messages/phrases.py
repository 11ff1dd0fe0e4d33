"""Sentences that GDial itself says on the phone, in the languages it knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """`language` is the language these sentences are in, which the voice must speak."""

    language: str
    no_answer: str
    unknown_key: str
    thanks: str
    goodbye: str
    no_message: str


FALLBACK_LANGUAGE = "en"

_PHRASES = (
    Phrases(
        language="sv",
        no_answer="Vi hörde inget svar. Hej då.",
        unknown_key="Den knappen gäller inte.",
        thanks="Tack för svaret. Hej då.",
        goodbye="Hej då.",
        no_message="Meddelandet kan inte läsas upp just nu. Hej då.",
    ),
    Phrases(
        language="en",
        no_answer="We heard no answer. Goodbye.",
        unknown_key="That key has no meaning here.",
        thanks="Thank you for your answer. Goodbye.",
        goodbye="Goodbye.",
        no_message="The message cannot be read out right now. Goodbye.",
    ),
)
PHRASES_BY_LANGUAGE = {phrases.language: phrases for phrases in _PHRASES}


def phrases_for(language: str) -> Phrases:
    """The sentences in a language (`sv`, `sv-SE`), or in English where GDial has none in it."""
    primary = language.strip().replace("_", "-").partition("-")[0].lower()
    return PHRASES_BY_LANGUAGE.get(primary) or PHRASES_BY_LANGUAGE[FALLBACK_LANGUAGE]
