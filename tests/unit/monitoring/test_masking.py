"""Phone numbers, keys and secrets do not get into a log line."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.monitoring.masking import mask, mask_entry, mask_text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("rang +46701234567 twice", "rang +46*******67 twice"),
        ("+15005550006", "+15*******06"),
        ("To=%2B46701234567&From=%2B46101234567", "To=%2B46*******67&From=%2B46*******67"),
        ("['+46701234567', '+4581234567']", "['+46*******67', '+45******67']"),
        ("+12345678", "+12****78"),
        ("at 2026-11-23T04:00:00+0100, 5+1234567", "at 2026-11-23T04:00:00+0100, 5+1234567"),
    ],
)
def test_a_phone_number_keeps_its_country_and_its_end(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(st.text(), st.integers(10**7, 10**15 - 1).map(lambda number: f"+{number}"), st.text())
def test_no_surrounding_text_saves_a_number(before: str, number: str, after: str) -> None:
    assert number not in mask_text(f"{before} {number} {after}")


@pytest.mark.parametrize(
    "text",
    [
        "token=abc-SECRET",
        'sent {"auth_token": "abc SECRET"}',
        "{'API_TOKEN': 'SECRET'}",
        "Authorization: Bearer abc.SECRET",
        "authorization: Basic QUM6SECRET==",
        "the header was Bearer SECRETabcdef",
        "password : SECRET",
        "POST /dtmf?step=1&Digits=SECRET&CallSid=CA1",
        "amqp://gdial:SECRET@broker:5672/",
        "postgresql+asyncpg://gdial:SECRET@db/gdial is down",
    ],
)
def test_a_secret_inside_a_text_is_hidden(text: str) -> None:
    assert "SECRET" not in mask_text(text)
    assert "[hidden]" in mask_text(text)


def test_what_stands_around_a_secret_stays() -> None:
    assert mask_text("POST /dtmf?Digits=1&CallSid=CA12 (200)") == "POST /dtmf?Digits=[hidden]&CallSid=CA12 (200)"
    assert mask_text("amqp://gdial:pw@broker:5672/ closed") == "amqp://gdial:[hidden]@broker:5672/ closed"
    assert mask_text("job 12 of run 7 took 0.25 s") == "job 12 of run 7 took 0.25 s"


@pytest.mark.parametrize(
    "key", ["token", "api_token", "Password", "client_secret", "authorization", "digits", "Cookie"]
)
def test_a_value_under_a_secret_name_is_never_shown(key: str) -> None:
    assert mask_entry(key, "7") == "[hidden]"
    assert mask_entry(key, ["7"]) == "[hidden]"
    assert mask_entry(key, None) is None


def test_values_are_masked_however_deep() -> None:
    value = {"numbers": ["+46701234567"], "form": {"Digits": "1", "To": "+46701234567"}, "+46701234567": 1, "n": 2.5}
    assert mask(value) == {
        "numbers": ["+46*******67"],
        "form": {"Digits": "[hidden]", "To": "+46*******67"},
        "+46*******67": 1,
        "n": 2.5,
    }


def test_objects_are_masked_as_their_text() -> None:
    assert mask(ValueError("no +46701234567")) == "no +46*******67"
    assert mask(UUID(int=1)) == "00000000-0000-0000-0000-000000000001"
    assert mask(b"+46701234567") == "b'+46*******67'"
