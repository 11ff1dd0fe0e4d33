"""A text in parts: as few pieces of audio as possible, and never a sentence cut where it does not end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gdial.errors import InvalidInput
from gdial.messages.parts import render_parts, split_parts, split_sentences
from gdial.messages.render import contact_fields, render


def parts_of(text: str) -> list[tuple[str, str]]:
    return [("personal" if part.personal else "fixed", part.text) for part in split_parts(text)]


def test_greeting_is_personal_and_the_rest_is_one_part() -> None:
    assert parts_of("Hej {first_name}! Det brinner. Kom nu.") == [
        ("personal", "Hej {first_name}!"),
        ("fixed", "Det brinner. Kom nu."),
    ]


def test_personal_sentences_stay_apart_and_fixed_ones_are_merged() -> None:
    assert parts_of("Lugn. Stanna. Hej {name}. Du i {group}, kom! Nu. Hör du? {name}") == [
        ("fixed", "Lugn. Stanna."),
        ("personal", "Hej {name}."),
        ("personal", "Du i {group}, kom!"),
        ("fixed", "Nu. Hör du?"),
        ("personal", "{name}"),
    ]


def test_ten_thousand_people_with_five_hundred_names_cost_501_pieces() -> None:
    parts = split_parts("Hej {first_name}! Skolan är stängd i dag. Tryck 1 om du har förstått.")
    spoken = {
        text
        for person in range(10_000)
        for text in render_parts(parts, contact_fields(f"Namn{person % 500} Efternamn{person}"))
    }
    assert len(spoken) == 501


@pytest.mark.parametrize(
    "text",
    [
        "Ta med t.ex. Karins nyckel.",
        "Vi är bl.a. Karin och Bo.",
        "Samling kl. 14.30 vid porten.",
        "Gå till port nr. 5 nu.",
        "Vi ses vid St. Eriksplan.",
        "Fråga Dr. Öst om vägen.",
        "Ta med kläder m.m. Och skor.",
        "Det kostar 3.5 kronor.",
        "Klockan 14.30 börjar det.",
        "Hälsningar K. Andersson.",
        "Hälsningar J. R. R. Öst.",
        "Den 3. maj är vi lediga.",
        "Kom den 3 jan. Ring först.",
        "Se www.gdial.se för mer.",
        "Vänta... kom sedan.",
        "Meet Mr. Smith at No. 10.",
        "Be there at 5 p.m. Bring food.",
        "1. Gå ut.",
    ],
)
def test_one_sentence(text: str) -> None:
    assert list(split_sentences(text)) == [text]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Det brinner.", "Kom nu."],
        ["Hör du?", "Svara!", "nu genast."],
        ["Vi ses kl. 14.30.", "Kom i tid."],
        ["Rum 12.", "Kom nu."],
        ["Han sa: ”Kom.”", "Jag gick."],
        ["(Det är en övning.)", "Gör ingenting."],
        ["Vänta…", "Kom."],
        ["Hej {first_name}.", "{group} samlas."],
        ["1. Gå ut.", "2. Ring Bo."],
        ["Utan punkt", "Efter en tom rad"],
    ],
)
def test_several_sentences(sentences: list[str]) -> None:
    joined = "\n\n".join(sentences) if sentences[0] == "Utan punkt" else " ".join(sentences)
    assert list(split_sentences(joined)) == sentences


def test_line_break_within_a_sentence_is_a_space() -> None:
    assert parts_of("Det brinner\ni källaren.") == [("fixed", "Det brinner i källaren.")]


def test_nothing_has_no_parts() -> None:
    assert split_parts(" \n ") == ()


def test_part_with_nothing_to_say_is_left_out() -> None:
    assert render_parts(split_parts("Hej.\n\n{group}\n\nKom."), contact_fields("Bo")) == ("Hej.", "Kom.")


def test_unknown_field_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"no field \{namn\}"):
        split_parts("Hej. {namn}.")


WORDS = (
    "Hej",
    "{name}",
    "{first_name}",
    "{group}",
    "{ name }",
    "{{",
    "}}",
    "t.ex.",
    "kl.",
    "Dr.",
    "14.30",
    "K.",
    "ö",
    "Ö",
)
SIGNS = (".", "!", "?", "…", "...", " ", "  ", "\n", "\n\n", "”", ")", "(", "\u00a0", "\r\n", "\x1c", "\x85")
pieces = st.sampled_from((*WORDS, *SIGNS))
names = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(pieces, max_size=25).map("".join), names, st.lists(names, max_size=2))
@example("A.{group}\n\nB. {name}. C", "", [])
@example("{group} . {group}! \n\n{group}", "", [""])
def test_parts_joined_with_spaces_are_the_rendered_text(text: str, name: str, groups: list[str]) -> None:
    fields = contact_fields(name, groups)
    parts = split_parts(text)
    assert " ".join(render_parts(parts, fields)) == render(text, fields)
    assert all(render(part.text, {}) for part in parts if not part.personal)
    assert not any(not one.personal and not two.personal for one, two in pairwise(parts))
