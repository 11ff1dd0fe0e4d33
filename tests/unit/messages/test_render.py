"""Contact fields in a text, and what people are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.errors import InvalidInput
from gdial.messages.render import contact_fields, fields_in, first_name, render

KARIN = contact_fields("Öst, Karin", ["Skolan", "Jour"])


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Hej {first_name}!", "Hej Karin!"),
        ("{name} i {group}.", "Öst, Karin i Skolan."),
        ("Hej { first_name }", "Hej Karin"),
        ("{{name}} är {name}", "{name} är Öst, Karin"),
        ("{{{first_name}}}", "{Karin}"),
        ("Utan fält", "Utan fält"),
        ("Två  rader\n här ", "Två rader här"),
    ],
)
def test_render(text: str, spoken: str) -> None:
    assert render(text, KARIN) == spoken


def test_value_that_looks_like_a_field_is_not_one() -> None:
    assert render("Hej {name}", contact_fields("{group} {{")) == "Hej {group} {{"


def test_contact_without_a_group() -> None:
    assert render("Hej {group} du", contact_fields("Bo")) == "Hej du"


def test_fields_in_a_text() -> None:
    assert fields_in("{name} {{group}} {first_name} {name}") == {"name", "first_name"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "no field {}; there are {name}, {first_name}, {group}"),
        ("{Namn}", "no field {Namn}"),
        ("{name!r}", "no field {name!r}"),
        ("{name.__class__}", "no field"),
        ("{0}", "no field {0}"),
        ("a { b", "lone { at place 3; write {{ for a brace"),
        ("a } b", "lone } at place 3; write }} for a brace"),
        ("{{name}", "lone } at place 7"),
        ("{na\nme}", "lone {"),
    ],
)
def test_bad_fields_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        render(text, KARIN)
    assert reason in refused.value.reason


def test_field_nobody_gave_a_value_for() -> None:
    with pytest.raises(InvalidInput, match=r"no value for the field \{group\}"):
        render("{group}", {"name": "Bo"})


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Karin Öst", "Karin"),
        ("Andersson, Karin", "Karin"),
        ("Andersson,Karin", "Karin"),
        ("Karl-Erik Svensson", "Karl-Erik"),
        ("von Essen, Anna-Lena Maria", "Anna-Lena"),
        ("Öst, Karin, ssk", "Karin"),
        ("Karin Öst, sjuksköterska", "Karin"),
        ("Dr. Karin Öst", "Karin"),
        ("Prof Karin Öst", "Karin"),
        ("(vik) Karin Öst", "Karin"),
        ('Karin "Kajsa" Öst', "Karin"),
        ("Karin", "Karin"),
        ("Öst,", "Öst"),
        (", Karin", "Karin"),
        ("Dr", "Dr"),
        ("  ", ""),
        ("", ""),
        (",", ""),
    ],
)
def test_first_name(name: str, first: str) -> None:
    assert first_name(name) == first


@given(st.text(max_size=30))
def test_any_name_has_a_first_name_of_its_own_letters(name: str) -> None:
    assert set(first_name(name)) <= set(name) | {" "}
