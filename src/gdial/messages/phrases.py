"""Sentences that GDial itself says on the phone, in the languages it knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """`language` is the language these sentences are in, which the voice must speak. `organisation` holds the name's
    place."""

    language: str
    no_answer: str
    unknown_key: str
    thanks: str
    goodbye: str
    no_message: str
    organisation: str
    we_rang: str
    answered_already: str
    nothing_for_you: str
    one_moment: str
    answer_not_taken: str
    drill: str


FALLBACK_LANGUAGE = "en"

_PHRASES = (
    Phrases(
        language="sv",
        no_answer="Vi hörde inget svar. Hej då.",
        unknown_key="Den knappen gäller inte.",
        thanks="Tack för svaret. Hej då.",
        goodbye="Hej då.",
        no_message="Meddelandet kan inte läsas upp just nu. Hej då.",
        organisation="Det här är {organisation}.",
        we_rang="Vi har ringt dig. Här är meddelandet.",
        answered_already="Vi har redan ditt svar. Tack. Hej då.",
        nothing_for_you="Hej. Från det här numret rings meddelanden ut. Just nu finns inget till dig. Hej då.",
        one_moment="Ett ögonblick, tack.",
        answer_not_taken="Ditt svar kunde inte tas emot just nu. Hej då.",
        drill="Det här är en övning.",
    ),
    Phrases(
        language="en",
        no_answer="We heard no answer. Goodbye.",
        unknown_key="That key has no meaning here.",
        thanks="Thank you for your answer. Goodbye.",
        goodbye="Goodbye.",
        no_message="The message cannot be read out right now. Goodbye.",
        organisation="This is {organisation}.",
        we_rang="We have called you. Here is the message.",
        answered_already="We have your answer already. Thank you. Goodbye.",
        nothing_for_you="Hello. Messages are sent out from this number. There is none for you now. Goodbye.",
        one_moment="One moment, please.",
        answer_not_taken="Your answer could not be taken right now. Goodbye.",
        drill="This is a drill.",
    ),
)
PHRASES_BY_LANGUAGE = {phrases.language: phrases for phrases in _PHRASES}


def phrases_for(language: str) -> Phrases:
    """The sentences in a language (`sv`, `sv-SE`), or in English where GDial has none in it."""
    primary = language.strip().replace("_", "-").partition("-")[0].lower()
    return PHRASES_BY_LANGUAGE.get(primary) or PHRASES_BY_LANGUAGE[FALLBACK_LANGUAGE]
