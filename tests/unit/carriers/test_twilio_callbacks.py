"""Reading Twilio's callbacks."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdial.carriers.base import StatusWord
from gdial.carriers.twilio.callbacks import read_inbound, read_press, read_status
from gdial.dialing.states import CallStatus
from gdial.errors import InvalidInput

SID = "CA" + "0a" * 16
STATUS = {
    "CallSid": SID,
    "AccountSid": "AC" + "0" * 32,
    "From": "+46812345678",
    "To": "+46701740605",
    "CallStatus": "completed",
    "ApiVersion": "2010-04-01",
    "Direction": "outbound-api",
    "Timestamp": "Mon, 23 Nov 2026 04:00:01 +0000",
    "SequenceNumber": "3",
    "CallbackSource": "call-progress-events",
    "CallDuration": "12",
    "SipResponseCode": "200",
    "AnsweredBy": "human",
    "SomethingNew": "å",
}


def encode(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def test_a_status_callback_is_read_whole() -> None:
    assert read_status(encode(STATUS)) == StatusWord(
        sid=SID,
        status=CallStatus.COMPLETED,
        event_id=f"{SID}:completed",
        said_at=datetime(2026, 11, 23, 4, 0, 1, tzinfo=UTC),
        answered_by="human",
        error_code="",
    )


def test_only_the_call_and_its_status_make_the_event() -> None:
    again = STATUS | {"SequenceNumber": "4", "Timestamp": "Mon, 23 Nov 2026 04:00:09 +0000", "AnsweredBy": ""}
    assert read_status(encode(again)).event_id == read_status(encode(STATUS)).event_id


@pytest.mark.parametrize(
    ("fields", "error_code"),
    [
        ({"ErrorCode": "13224", "SipResponseCode": "404"}, "13224"),
        ({"ErrorCode": "", "SipResponseCode": "486"}, "SIP 486"),
        ({"ErrorCode": "0", "SipResponseCode": "603"}, "SIP 603"),
        ({"ErrorCode": "x'; drop", "SipResponseCode": "9999"}, ""),
        ({"ErrorCode": "1" * 400, "SipResponseCode": ""}, "1111111111"),
        ({"ErrorCode": "²", "SipResponseCode": "٤٨٦"}, ""),
    ],
)
def test_what_went_wrong_is_named(fields: dict[str, str], error_code: str) -> None:
    assert read_status(encode(STATUS | fields)).error_code == error_code


@pytest.mark.parametrize("timestamp", ["", "yesterday", "Mon, 99 Nov 2026 04:00:01 +0000", "Mon, 23 Nov 2026"])
def test_a_time_nobody_can_read_is_no_time(timestamp: str) -> None:
    assert read_status(encode(STATUS | {"Timestamp": timestamp})).said_at is None


def test_a_time_without_a_zone_is_utc() -> None:
    word = read_status(encode(STATUS | {"Timestamp": "Mon, 23 Nov 2026 04:00:01 -0000"}))
    assert word.said_at == datetime(2026, 11, 23, 4, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "change", [{"CallStatus": ""}, {"CallStatus": "thinking"}, {"CallSid": ""}, {"CallSid": "CA1"}]
)
def test_what_is_no_status_callback_is_refused(change: dict[str, str]) -> None:
    (name,) = change
    with pytest.raises(InvalidInput, match=name):
        read_status(encode(STATUS | change))


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("1", "1"),
        ("", ""),
        ("1#", "1"),
        ("#", "#"),
        ("##", "#"),
        ("*", "*"),
        ("#1", "#1"),
        ("hangup", ""),
        (" 1 2 ", "12"),
        ("1" * 500, "1" * 32),
        ("١", ""),
    ],
)
def test_keys_are_kept_and_nothing_else(typed: str, digits: str) -> None:
    assert read_press(encode({"CallSid": SID, "Digits": typed})).digits == digits


def test_a_press_without_the_field_is_silence() -> None:
    assert read_press(encode({"CallSid": SID})).digits == ""


def test_the_first_of_repeated_fields_counts() -> None:
    assert read_press(f"CallSid={SID}&Digits=1&Digits=2".encode()).digits == "1"


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(max_size=30))
def test_nothing_breaks_the_reading(body: bytes, text: str) -> None:
    for read in (read_status, read_press):
        with pytest.raises(InvalidInput):
            read(body)
    fields = encode({"CallSid": SID, "Digits": text, "CallStatus": "ringing", "Timestamp": text, "ErrorCode": text})
    assert set(read_press(fields).digits) <= set("0123456789*#")
    assert read_status(fields).status is CallStatus.RINGING


@pytest.mark.parametrize(
    ("form", "number", "is_inbound"),
    [
        ({"From": "+46701740605", "Direction": "inbound"}, "+46701740605", True),
        ({"From": "anonymous", "Direction": "inbound"}, "", True),
        ({"From": "client:anna", "Direction": "inbound"}, "", True),
        ({"From": "+1 701", "Direction": "inbound"}, "", True),
        ({"Direction": "inbound"}, "", True),
        ({"From": "+46701740605", "Direction": "outbound-api"}, "+46701740605", False),
        ({"From": "+46701740605"}, "+46701740605", False),
    ],
)
def test_who_rings_us_is_a_number_or_nobody(form: dict[str, str], number: str, is_inbound: bool) -> None:
    word = read_inbound(encode({"CallSid": SID, **form}))
    assert (word.sid, word.from_number, word.is_inbound) == (SID, number, is_inbound)
