"""A person's history in words: every thing that can happen has a sentence, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gdial.actions.tell_history import Happening, Next, What
from gdial.dialing.call_now import Hindrance
from gdial.web.dashboard.environment import Formats
from gdial.web.dashboard.history_words import HINDRANCES, sentence
from gdial.web.dashboard.languages import translated

NOW = datetime(2026, 3, 1, 3, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")


def happening(what: What, **more: object) -> Happening:
    facts = {"number": "+46701740605", "key": "1", "label": "Kommer", "author": "Vera", "text": "no answer"}
    return Happening(NOW, what, **facts | more)  # type: ignore[arg-type]


def said(language: str, happened: Happening) -> str:
    return sentence(language, happened, Formats(language, ZONE).exact_time(happened.next_at)).words


@pytest.mark.parametrize("what", What)
def test_whatever_can_happen_is_told_in_both_languages(what: What) -> None:
    swedish, english = (said(language, happening(what)) for language in ("sv", "en"))
    assert swedish != english
    for words in (swedish, english):
        assert words[0].isupper()
        assert not re.search(r"%\(|None", words)


@pytest.mark.parametrize(
    ("language", "what", "more", "words"),
    [
        ("sv", What.BEGAN, {}, "Ringer +46701740605"),
        ("sv", What.BUSY, {"next": Next.NEXT_NUMBER, "next_at": NOW}, "Upptaget, ringer nästa nummer 04:12:00"),
        ("sv", What.NO_ANSWER, {"next": Next.NEXT_ROUND, "next_at": NOW},
         "Ingen lyfte, ringer första numret igen 04:12:00"),
        ("en", What.BUSY, {"next": Next.NEXT_NUMBER, "next_at": NOW}, "Busy, rings the next number 04:12:00"),
        ("en", What.PUT_OFF, {"next": Next.SAME_NUMBER, "next_at": NOW},
         "The carrier had no room for the call, rings the same number again 04:12:00"),
        ("sv", What.PRESSED, {}, "Tryckte 1: Kommer"),
        ("sv", What.NOT_REACHED, {}, "Ej nådd: ingen lyfte"),
        ("en", What.NOTED, {"text": "Asked 100% of <them>"}, "Note by Vera: Asked 100% of <them>"),
        ("sv", What.BEGAN, {"number": ""}, "Ringer (gallrad)"),
    ],
)  # fmt: skip
def test_the_sentences(language: str, what: What, more: dict[str, object], words: str) -> None:
    assert said(language, happening(what, **more)) == words


@pytest.mark.parametrize("language", ["sv", "en"])
def test_it_says_why_somebody_cannot_be_rung_now(language: str) -> None:
    words = {translated(language, HINDRANCES[hindrance]) for hindrance in Hindrance}
    assert len(words) == len(Hindrance)
