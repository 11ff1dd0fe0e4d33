"""Languages, voices and pieces of a text, as the engines choose and cut them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.errors import InvalidInput
from gdial.speech.cutting import cut_text
from gdial.speech.language_match import find_language, find_voice

KNOWN = ("en-AU", "en-GB", "en_US", "fr-CA", "fr-FR", "nb-NO", "sv-SE", "iw", "cmn-CN")


@pytest.mark.parametrize(
    ("language", "found"),
    [
        *(
            ("sv", "sv-SE"),
            ("SV_se", "sv-SE"),
            ("sv-FI", "sv-SE"),
            ("en", "en-GB"),
            ("en-US", "en_US"),
            ("en-IE", "en-GB"),
        ),
        *(("fr", "fr-FR"), ("fr-ca", "fr-CA"), ("no", "nb-NO"), ("nn-NO", "nb-NO"), ("he", "iw"), ("zh-CN", "cmn-CN")),
    ],
)
def test_a_language_finds_the_nearest_there_is(language: str, found: str) -> None:
    assert find_language(language, KNOWN) == found


@pytest.mark.parametrize("language", ["fi", "", "s", "svenska", "-"])
def test_another_language_is_refused_with_those_there_are(language: str) -> None:
    with pytest.raises(InvalidInput, match=r"there are: cmn-CN, en-AU, .*sv-SE"):
        find_language(language, KNOWN)


def test_a_voice_is_found_whatever_its_letters() -> None:
    assert find_voice(" KARIN ", ["olle", "Karin"]) == "Karin"
    with pytest.raises(InvalidInput, match="there are: none to choose from"):
        find_voice("karin", [])


@given(st.text(alphabet="Åäb .!?\n", max_size=300), st.integers(min_value=4, max_value=50))
def test_pieces_fit_and_lose_no_letter(text: str, most: int) -> None:
    pieces = list(cut_text(text, most, lambda piece: len(piece.encode())))
    assert all(0 < len(piece.encode()) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_sentences_stay_whole_where_they_fit() -> None:
    text = "Det brinner vid hamnen. Stäng fönster och dörrar! Lyssna på radion."
    assert list(cut_text(text, 60)) == [
        "Det brinner vid hamnen. Stäng fönster och dörrar!",
        "Lyssna på radion.",
    ]
