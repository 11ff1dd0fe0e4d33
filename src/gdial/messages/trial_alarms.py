"""Words for a drill of which nothing else was said, in the languages GDial knows."""

from __future__ import annotations

from gdial.messages.model import MessageContent, Response
from gdial.messages.phrases import phrases_for

_TRIALS = {
    "sv": MessageContent(
        "Hej {first_name}. Så här låter ett larm. Tryck 1 för att bekräfta att du har hört det.",
        "sv",
        {"1": Response("Bekräftar", "Tack."), "2": Response("Kan inte komma", "Tack för svaret.")},
    ),
    "en": MessageContent(
        "Hello {first_name}. This is what an alarm sounds like. Press 1 to confirm that you have heard it.",
        "en",
        {"1": Response("Confirms", "Thank you."), "2": Response("Cannot come", "Thank you for your answer.")},
    ),
}


def trial_alarm(language: str) -> MessageContent:
    return _TRIALS[phrases_for(language).language]
