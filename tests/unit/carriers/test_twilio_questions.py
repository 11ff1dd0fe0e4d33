"""Asking Twilio: one call, the list, the account."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.states import CallStatus
from gdial.errors import CarrierUnavailable, InvalidInput, SetupError
from tests.support import carrier_stub as stubs
from tests.support.carrier_stub import ACCOUNT_SID, AUTH_TOKEN, CarrierStub, carrier_stub

TO, OURS = "+46701740605", "+46812345678"
NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
LIST = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"


@pytest.fixture
async def stub() -> AsyncIterator[CarrierStub]:
    async with carrier_stub() as stub:
        yield stub


@pytest.fixture
async def carrier(stub: CarrierStub) -> AsyncIterator[TwilioCarrier]:
    carrier = TwilioCarrier(ACCOUNT_SID, AUTH_TOKEN, api_base=stub.base, timeout_seconds=5)
    yield carrier
    await carrier.close()


async def test_a_long_list_is_read_to_its_end(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    for second in range(2500):
        stub.add_call(TO, OURS, NOON + timedelta(seconds=second), "completed")
    stub.add_call("+46701740699", OURS, NOON)
    calls = await carrier.list_calls(TO, [OURS], NOON)
    assert [call.sid for call in calls] == [call.sid for call in stub.calls[:2500]]
    assert [seen.query.get("Page") for seen in stub.received] == [None, "1", "2"]
    assert {seen.query["PageSize"] for seen in stub.received} == {"1000"}
    assert not any("Time" in name or "Status" in name for seen in stub.received for name in seen.query)


async def test_reading_stops_at_the_first_page_of_older_calls(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    for second in range(3500):
        stub.add_call(TO, OURS, NOON + timedelta(seconds=second))
    calls = await carrier.list_calls(TO, [OURS], NOON + timedelta(seconds=3000))
    assert len(calls) == 500
    assert len(stub.received) == 2


async def test_a_fraction_of_a_second_hides_nothing(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    stub.add_call(TO, OURS, NOON - timedelta(seconds=1))
    stub.add_call(TO, OURS, NOON)
    stub.add_call(TO, OURS, None)
    since = (NOON + timedelta(microseconds=700_000)).astimezone(timezone(timedelta(hours=1)))
    calls = await carrier.list_calls(TO, [OURS], since)
    assert [call.created_at for call in calls] == [NOON, None]


async def test_a_call_that_slides_onto_the_next_page_is_listed_once(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    rows = [stub.row(stub.add_call(TO, OURS, NOON + timedelta(seconds=second))) for second in range(3)]
    first = {"calls": [rows[2], rows[1]], "next_page_uri": f"{LIST}?Page=1"}
    second = {"calls": [rows[1], rows[0]], "next_page_uri": None}
    stub.mishaps.extend(stubs.answer(200, json.dumps(page).encode()) for page in (first, second))
    calls = await carrier.list_calls(TO, [OURS], NOON)
    assert [call.sid for call in calls] == [row["sid"] for row in rows]


async def test_a_moment_without_a_zone_is_refused(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        await carrier.list_calls(TO, [OURS], NOON.replace(tzinfo=None))
    assert stub.received == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"calls": None},
        {"calls": [1]},
        {"calls": [{"sid": "CA1", "status": "queued"}]},
        {"calls": [{"sid": "CA" + "0" * 32, "status": "thinking"}]},
        {"calls": [], "next_page_uri": "https://evil.example.org/list"},
        {"calls": [], "next_page_uri": "@evil.example.org/"},
        {"calls": [], "next_page_uri": "/2010-04-01/Accounts/AC1/Calls.json?Page=1"},
        {"calls": [], "next_page_uri": 1},
    ],
)
async def test_a_list_that_may_be_incomplete_is_no_answer(
    stub: CarrierStub, carrier: TwilioCarrier, document: object
) -> None:
    stub.mishaps.append(stubs.answer(200, json.dumps(document).encode()))
    with pytest.raises(CarrierUnavailable):
        await carrier.list_calls(TO, [OURS], NOON)
    assert len(stub.received) == 1


async def test_a_list_without_an_end_is_given_up(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    page = json.dumps({"calls": [], "next_page_uri": f"{LIST}?Page=1"}).encode()
    stub.mishaps.extend([stubs.answer(200, page)] * 200)
    with pytest.raises(CarrierUnavailable, match="100 pages"):
        await carrier.list_calls(TO, [OURS], NOON)
    assert len(stub.received) == 100


async def test_a_failing_page_fails_the_list(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    first = json.dumps({"calls": [], "next_page_uri": f"{LIST}?Page=1&PageToken=PA%2B1"}).encode()
    stub.mishaps.extend([stubs.answer(200, first), stubs.refuse(503, 20503)])
    with pytest.raises(CarrierUnavailable, match="20503"):
        await carrier.list_calls(TO, [OURS], NOON)
    assert stub.received[1].query["PageToken"] == "PA+1"


async def test_a_call_is_read_whole(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    row = stub.row(stub.add_call(TO, OURS, NOON, "completed")) | {
        "start_time": "Mon, 23 Nov 2026 12:00:02 +0000",
        "end_time": "Mon, 23 Nov 2026 13:00:09 +0100",
        "answered_by": "machine_start",
    }
    stub.mishaps.append(stubs.answer(200, json.dumps(row).encode()))
    call = await carrier.ask(row["sid"])
    assert call is not None
    assert (call.sid, call.to, call.from_number, call.status) == (row["sid"], TO, OURS, CallStatus.COMPLETED)
    assert call.created_at == NOON
    assert call.started_at == NOON + timedelta(seconds=2)
    assert call.ended_at == NOON + timedelta(seconds=9)
    assert call.ended_at.utcoffset() == timedelta(0)
    assert call.answered_by == "machine_start"


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"<html>nginx</html>"), (200, b"{}"), (200, b"soon"), (401, b"{}"), (302, b"{}")]
)
async def test_what_is_no_answer_about_the_call_is_not_taken_for_one(
    stub: CarrierStub, carrier: TwilioCarrier, status: int, body: bytes
) -> None:
    stub.mishaps.append(stubs.answer(status, body))
    with pytest.raises(CarrierUnavailable):
        await carrier.ask("CA" + "0" * 32)
    if status != 200:
        stub.mishaps.append(stubs.answer(status, body))
        with pytest.raises(CarrierUnavailable):
            await carrier.hang_up("CA" + "0" * 32)


@pytest.mark.parametrize("sid", ["", "CA1", "../Accounts", "CA" + "0" * 31 + "?"])
async def test_an_id_that_is_none_is_never_sent(stub: CarrierStub, carrier: TwilioCarrier, sid: str) -> None:
    with pytest.raises(InvalidInput):
        await carrier.ask(sid)
    with pytest.raises(InvalidInput):
        await carrier.hang_up(sid)
    assert stub.received == []


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress"])
async def test_hanging_up_asks_for_completed_in_every_state(
    stub: CarrierStub, carrier: TwilioCarrier, status: str
) -> None:
    call = stub.add_call(TO, OURS, NOON, status)
    await carrier.hang_up(call.sid)
    assert stub.received[0].form == [("Status", "completed")]
    assert call.status == "completed"


async def test_the_account_shows_its_name(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    assert await carrier.check_account() == "Räddningstjänsten (active)"
    stub.account_status = "suspended"
    with pytest.raises(SetupError, match="suspended"):
        await carrier.check_account()
    stub.mishaps.append(stubs.refuse(503))
    with pytest.raises(CarrierUnavailable):
        await carrier.check_account()


async def test_wrong_credentials_are_told_apart(stub: CarrierStub) -> None:
    carrier = TwilioCarrier(ACCOUNT_SID, "wrong", api_base=stub.base, timeout_seconds=5)
    with pytest.raises(SetupError, match="TWILIO_AUTH_TOKEN"):
        await carrier.check_account()
    await carrier.close()


async def test_only_numbers_that_can_call_are_offered(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    stub.numbers = [
        {"phone_number": "+46812345678", "capabilities": {"voice": True}},
        {"phone_number": "+46701111111", "capabilities": {"voice": False, "sms": True}},
        {"phone_number": "+46822222222", "capabilities": None},
    ]
    assert await carrier.from_numbers() == ["+46812345678", "+46822222222"]
