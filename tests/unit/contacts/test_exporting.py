"""The guard against formulas on the way out, and its undoing on the way in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.contacts.exporting import guard_formula, unguard_formula
from tests.unit.contacts.lists import read_text


@pytest.mark.parametrize("text", ["=1+1", "+46", "-1", "@a", "\tx", "\rx", "'=1", "''+1"])
def test_text_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guard_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Bo", "'Bo", "1=1", " =1", "a@b.se"])
def test_other_text_is_left_alone(text: str) -> None:
    assert guard_formula(text) == text
    assert unguard_formula(text) == text


@given(st.text() | st.text(alphabet="'=+-@\t\rx", max_size=6))
def test_round_trip(text: str) -> None:
    guarded = guard_formula(text)
    assert unguard_formula(guarded) == text
    assert guarded[:1] not in ("=", "+", "-", "@", "\t", "\r")


@given(st.text(alphabet="'=+-@Bo", min_size=1, max_size=8).filter(lambda name: any(sign.isalpha() for sign in name)))
def test_a_name_survives_export_and_import(name: str) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([("Namn", "Mobil"), (guard_formula(name), "+46701234567")])
    assert [contact.name for contact in read_text(stream.getvalue()).contacts] == [name]
