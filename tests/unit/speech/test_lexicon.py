"""How an organisation has its words said."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from gdial.errors import DatabaseUnavailable, InvalidInput
from gdial.speech.base import SpeechRequest
from gdial.speech.lexicon import Lexicon, LexiconEntry
from gdial.speech.lexicon_keeper import FRESH_SECONDS, LexiconKeeper
from gdial.speech.text import LONGEST_TEXT, clean_text, spoken_text

WORDS = Lexicon(
    [
        LexiconEntry("sv", "Hjo", "Jo"),
        LexiconEntry("sv", "MSB", "Myndigheten för samhällsskydd"),
        LexiconEntry("sv", "rtj", "räddningstjänsten"),
        LexiconEntry("sv", "Kvarnv. 3", "Kvarnen"),
        LexiconEntry("sv", "RAKEL 112", "rakel"),
        LexiconEntry("sv-FI", "Hjo", "Hjå"),
        LexiconEntry("en", "Reading", "Redding"),
    ]
)


@pytest.mark.parametrize(
    ("written", "language", "said"),
    [
        ("Hjos hamn i HJO kl. 8", "sv", "Jos hamn i Jo klockan åtta"),
        ("hjord i Hjotorp", "sv", "hjord i Hjotorp"),
        (
            "MSB:s råd, t.ex. från Rtj.",
            "sv-SE",
            "Myndigheten för samhällsskydds råd, till exempel från räddningstjänsten.",
        ),
        ("Kom till Kvarnv. 3, 2 tr", "sv", "Kom till Kvarnen, 2 trappor"),
        ("Ring RAKEL 112 eller 112", "sv", "Ring rakel eller ett ett två"),
        ("Vi ses i Hjo", "sv-FI", "Vi ses i Hjå"),
        ("MSB i Åbo", "sv_fi", "Myndigheten för samhällsskydd i Åbo"),
        ("Reading's people are reading", "en-GB", "Reddings people are reading"),
        ("Hjo", "en", "Hjo"),
        ("\ue000 Hjo \ue001", "sv", "Jo"),
    ],
)
def test_what_it_says_stands_and_the_rest_is_read_as_ever(written: str, language: str, said: str) -> None:
    assert spoken_text(SpeechRequest(written, language, lexicon=WORDS)) == said


def test_thousands_of_words_take_little_time() -> None:
    words = Lexicon(LexiconEntry("sv", f"Plats{number}", f"ställe {number}") for number in range(5_000))
    text = " ".join(f"Plats{number}" for number in range(0, 5_000, 10))[:LONGEST_TEXT]
    spoken_text(SpeechRequest("Först", "sv", lexicon=words))
    started = time.process_time()
    assert spoken_text(SpeechRequest(text, "sv", lexicon=words)).startswith("ställe 0 ställe 10 ")
    assert time.process_time() - started < 2


@pytest.mark.parametrize("text", ["<" * 5_000, "<a " * 1_600, "&#x1F600;" * 500, "*" * 5_000, "<!--" * 1_200])
def test_markup_without_end_is_read_in_little_time(text: str) -> None:
    started = time.process_time()
    clean_text(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["", " \n", "\x00\x07", "\U0001f600\U0001f525", "<speak><break/></speak>", "…!?"])
def test_what_has_no_word_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no letter or digit to speak"):
        spoken_text(SpeechRequest(text, "sv"))


def test_a_hundred_thousand_characters_are_refused() -> None:
    with pytest.raises(InvalidInput, match="has 100,000 characters; at most 5,000"):
        spoken_text(SpeechRequest("a" * 100_000, "sv"))


class Table:
    """Entries that are away now and then."""

    def __init__(self) -> None:
        self.edition = "1"
        self.entries = [("sv", "Hjo", "Jo")]
        self.is_away = False
        self.asked = 0

    async def read(self, known: str) -> tuple[str, Sequence[tuple[str, str, str]]] | None:
        self.asked += 1
        if self.is_away:
            raise DatabaseUnavailable("away")
        return None if known == self.edition else (self.edition, self.entries)


async def test_it_is_read_anew_now_and_then_and_kept_while_its_place_is_away() -> None:
    table, now = Table(), [0.0]
    keeper = LexiconKeeper(table, lambda: now[0])
    await keeper.refresh()
    first = keeper.current
    assert first == Lexicon([LexiconEntry("sv", "Hjo", "Jo")])
    table.edition, table.entries = "2", []
    await keeper.refresh()
    assert (keeper.current, table.asked) == (first, 1)
    table.is_away, now[0] = True, FRESH_SECONDS
    await keeper.refresh()
    assert (keeper.current, table.asked) == (first, 2)
    table.is_away = False
    await keeper.refresh(at_once=True)
    assert keeper.current == Lexicon()
