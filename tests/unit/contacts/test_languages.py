"""Languages as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.contacts.languages import read_language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sv", "sv"),
        ("SV", "sv"),
        ("sv-SE", "sv"),
        ("sv_FI", "sv"),
        ("Svenska", "sv"),
        (" swedish ", "sv"),
        ("Engelska", "en"),
        ("English", "en"),
        ("en-GB", "en"),
        ("zh-Hant-TW", "zh"),
        ("finska", "fi"),
        ("Suomi", "fi"),
        ("العربية", "ar"),
        ("xx", None),
        ("klingonska", None),
        ("", None),
        ("sv/en", None),
        ("e", None),
    ],
)
def test_language(text: str, code: str | None) -> None:
    assert read_language(text) == code


@given(st.text(max_size=12))
def test_any_text_is_a_code_or_unknown(text: str) -> None:
    code = read_language(text)
    assert code is None or (len(code) == 2 and read_language(code) == code)
