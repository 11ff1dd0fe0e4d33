"""What is written, and what is said."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.errors import InvalidInput
from gdial.speech.base import SpeechRequest
from gdial.speech.text import clean_text, spoken_text
from gdial.speech.wording import WORDINGS, read_aloud
from tests.unit.speech import notices_english, notices_swedish

SWEDISH = [
    ("Mötet börjar kl. 14:30.", "Mötet börjar klockan fjorton trettio."),
    ("Kom 14.30 i dag", "Kom klockan fjorton trettio i dag"),
    ("Kl 8 eller kl. 08:05", "Klockan åtta eller klockan åtta noll fem"),
    ("Öppet kl. 14-16:30", "Öppet klockan fjorton till sexton trettio"),
    ("08:00–17:00", "klockan åtta till sjutton"),
    ("klockan 00:00 eller 24.00", "klockan noll noll eller klockan noll noll"),
    ("Resultatet 25:99 och 14:30:15", "Resultatet 25:99 och 14:30:15"),
    ("Version 10.15.7 på 192.168.0.1", "Version 10.15.7 på 192.168.0.1"),
    ("Ring 112!", "Ring ett ett två!"),
    ("Det kostar 112 kr, 112 500 personer", "Det kostar 112 kronor, 112500 personer"),
    ("Ring 1177 eller 114 14.", "Ring elva sjuttiosju eller ett ett fyra, ett fyra."),
    ("070-123 45 67", "noll sju noll, ett två tre, fyra fem, sex sju"),
    ("0701234567", "noll sju noll, ett två tre, fyra fem sex sju"),
    ("+46 (0)8-123 456 78", "plus fyra sex, åtta, ett två tre, fyra fem sex, sju åtta"),
    ("Ring 08-123 456 78, tack.", "Ring noll åtta, ett två tre, fyra fem sex, sju åtta, tack."),
    ("Kundnummer 12345678", "Kundnummer ett två tre, fyra fem sex, sju åtta"),
    ("Koden är 4711. Portkod: 1234", "Koden är fyra sju ett ett. Portkod: ett två tre fyra"),
    ("500 kr, 1 kr, 12,50 kr och 5 000:-", "500 kronor, en krona, 12 kronor och 50 öre och 5000 kronor"),
    ("€100 och 2 miljoner kr", "100 euro och 2 miljoner kronor"),
    ("Ta med t.ex. mat, bl.a. bröd m.m.", "Ta med till exempel mat, bland annat bröd med mera."),
    ("Mat m.m. Sedan går vi", "Mat med mera. Sedan går vi"),
    ("Mat m.m. och dryck", "Mat med mera och dryck"),
    ("Ca 5 km, ca. 1 m, nr 5 och Nr. 6", "Cirka 5 kilometer, cirka en meter, nummer 5 och Nummer 6"),
    ("2,5 kg och 30 mm, 90 km/h", "2,5 kilo och 30 millimeter, 90 kilometer i timmen"),
    ("100 %, 20 °C, 24h, 15 min.", "100 procent, 20 grader, 24 timmar, 15 minuter."),
    ("2026-11-23 på vån. 3", "tjugotredje november 2026 på våning 3"),
    ("Vatten & mat", "Vatten  och  mat"),
    ("bla bla, en tom bil, mm", "bla bla, en tom bil, mm"),
]

ENGLISH = [
    ("Meet at 14:30 or 2:30 pm.", "Meet at fourteen thirty or two thirty p m."),
    ("At 8:00, 08:05, 13:00 and 0:00", "At eight o'clock, eight oh five, thirteen hundred and midnight"),
    ("from 14.30 to 16.00, pi is 3.14", "from fourteen thirty to sixteen hundred, pi is 3.14"),
    ("It starts at 8 a.m. Bring food", "It starts at 8 a m. Bring food"),
    ("8:00-9:30 am", "eight to nine thirty a m"),
    ("Call 112 or 911.", "Call one one two or nine one one."),
    ("555-123-4567", "five five five, one two three, four five six seven"),
    ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
    ("$5.50, £1 and €1,500", "5 dollars and 50 cents, 1 pound and 1500 euros"),
    ("500 kr", "500 kronor"),
    ("e.g. bread, i.e. food etc. Then go", "for example bread, that is food et cetera. Then go"),
    ("No. 5 says no. Really", "Number 5 says no. Really"),
    ("5 km, 1 kg, 2.5 m, 100%", "5 kilometres, 1 kilo, 2.5 metres, 100 percent"),
    ("Door code 4711, PIN: 1234", "Door code four seven one one, PIN: one two three four"),
    ("Dr. Smith, 23rd, 2026-11-23", "Doctor Smith, 23rd, the twenty-third of November 2026"),
    ("I am at home", "I am at home"),
]


@pytest.mark.parametrize(("written", "said"), SWEDISH)
def test_swedish_is_read_as_a_person_would(written: str, said: str) -> None:
    assert read_aloud(written, "sv-SE") == said


@pytest.mark.parametrize(("written", "said"), ENGLISH)
def test_english_is_read_as_a_person_would(written: str, said: str) -> None:
    assert read_aloud(written, "en") == said


@pytest.mark.parametrize(("written", "said"), notices_swedish.NOTICES)
def test_swedish_notices(written: str, said: str) -> None:
    assert read_aloud(written, "sv") == said


@pytest.mark.parametrize(("written", "said"), notices_english.NOTICES)
def test_english_notices(written: str, said: str) -> None:
    assert read_aloud(written, "en-GB") == said


@pytest.mark.parametrize(("written", "said"), notices_english.AMERICAN)
def test_american_notices(written: str, said: str) -> None:
    assert read_aloud(written, "en-US") == said


def test_a_language_without_a_table_is_left_as_it_is() -> None:
    assert read_aloud("14:30, 112, 5 km", "fi") == "14:30, 112, 5 km"


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("a\x00b\x07c\u200bd\u00ade\ufeff", "abcde"),
        ("en\u00a0två\u2009tre\tfyra\nfem", "en två tre fyra fem"),
        ("Rad ett\n\nRad två.\n\n\nRad tre", "Rad ett. Rad två. Rad tre"),
        ("a\u0308rende", "ärende"),
        ("١٢٣ \ud800", "123"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Obs! \U0001f6a8 Brand \U0001f468\u200d\U0001f692\U0001f44d\U0001f3fd 1\ufe0f\u20e3", "Obs! Brand 1"),
        ('<speak>Hej <break time="3s"/>du &amp; jag</speak>', "Hej du & jag"),
        ("<?xml version='1.0'?><!-- tyst --><p>Håll dig < 5 m</p>", "Håll dig < 5 m"),
        ("**Viktigt**: ta med\n- vatten\n- mat", "Viktigt: ta med, vatten, mat"),
        ("\ue000\ue001privat", "privat"),
    ],
)
def test_what_no_voice_can_say_is_taken_out(written: str, clean: str) -> None:
    assert clean_text(written) == clean


@pytest.mark.parametrize("language", sorted(WORDINGS))
@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "1,",
        "1:1",
        "0 1",
        "0-(",
        "1 234 567 ",
        "kl ",
        "(",
        "A",
        "1",
        "m.m",
        "12:30-",
        "070 123 45 67 ",
        " 0",
        "kod: ",
        "a.se/",
        "a@",
        "<a",
        "A1-",
        "1/2 ",
        "mån-",
        "Storg. ",
        "http://a.",
        "3–5 ",
        "Elm St ",
    ],
)
def test_reading_time_grows_with_the_text_and_not_faster(piece: str, language: str) -> None:
    started = time.process_time()
    read_aloud(piece * (5_000 // len(piece)), language)
    assert time.process_time() - started < 0.5


@given(st.text(max_size=300), st.sampled_from(["sv", "en"]))
def test_any_text_is_either_refused_or_still_has_something_to_say(text: str, language: str) -> None:
    request = SpeechRequest(text, language)
    if any(character.isalnum() for character in clean_text(text)):
        said = spoken_text(request)
        assert any(character.isalnum() for character in said)
        said.encode()
    else:
        with pytest.raises(InvalidInput, match="no letter or digit"):
            spoken_text(request)


@given(st.lists(st.sampled_from(("hej", "alla", "barn", "skolan", "stängd", "i", "dag", "tryck", "två")), min_size=1))
def test_plain_words_are_never_changed(words: list[str]) -> None:
    assert read_aloud(" ".join(words), "sv") == " ".join(words)


def test_the_limit_counts_what_was_written_not_what_is_said() -> None:
    digits = ("0701234567 " * 500)[:5_000]
    assert len(spoken_text(SpeechRequest(digits, "sv"))) > 10_000
