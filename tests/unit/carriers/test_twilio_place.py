"""Placing a call through Twilio: what is sent, and how each answer is sorted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from twilio.rest import Client

from gdial.carriers.base import Accepted, CallRequest, Placing, Refusal, Refused, Unknown
from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.states import CallStatus
from gdial.errors import InvalidSetting
from tests.support import carrier_stub as stubs
from tests.support.carrier_stub import ACCOUNT_SID, AUTH_TOKEN, CarrierStub, carrier_stub
from tests.support.ports import free_port

REQUEST = CallRequest(
    to="+46701740605",
    from_number="+46812345678",
    voice_url="https://calls.example.org/voice?a=7&t=å#rc=2&rp=ct,rt,5xx",
    fallback_url="https://calls.example.org/voice?a=7&again=1",
    status_url="https://calls.example.org/call-status?a=7",
    ring_timeout_seconds=25,
    time_limit_seconds=600,
)
_Client: Any = Client


def make_carrier(api_base: str, timeout_seconds: float = 5.0) -> TwilioCarrier:
    return TwilioCarrier(ACCOUNT_SID, AUTH_TOKEN, api_base=api_base, timeout_seconds=timeout_seconds)


@pytest.fixture
async def stub() -> AsyncIterator[CarrierStub]:
    async with carrier_stub() as stub:
        yield stub


@pytest.fixture
async def carrier(stub: CarrierStub) -> AsyncIterator[TwilioCarrier]:
    carrier = make_carrier(stub.base)
    yield carrier
    await carrier.close()


async def place_at(api_base: str, timeout_seconds: float = 5.0) -> Placing:
    carrier = make_carrier(api_base, timeout_seconds)
    try:
        return await carrier.place(REQUEST)
    finally:
        await carrier.close()


def assert_safe_to_repeat(placing: Placing) -> None:
    assert isinstance(placing, Refused)
    assert placing.kind is Refusal.LATER


async def test_the_create_carries_every_field(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    placing = await carrier.place(REQUEST)
    assert placing == Accepted(stub.calls[0].sid, CallStatus.QUEUED)
    (seen,) = stub.creates
    assert seen.form == [
        ("To", "+46701740605"),
        ("From", "+46812345678"),
        ("Url", "https://calls.example.org/voice?a=7&t=å#rc=2&rp=ct,rt,5xx"),
        ("Method", "POST"),
        ("FallbackUrl", "https://calls.example.org/voice?a=7&again=1"),
        ("FallbackMethod", "POST"),
        ("StatusCallback", "https://calls.example.org/call-status?a=7"),
        ("StatusCallbackMethod", "POST"),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "ringing"),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
        ("Timeout", "25"),
        ("TimeLimit", "600"),
    ]


async def test_the_create_is_the_one_the_official_sdk_sends(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    await carrier.place(REQUEST)
    sdk = _Client(ACCOUNT_SID, AUTH_TOKEN)
    sdk.api.base_url = stub.base
    await asyncio.to_thread(
        sdk.calls.create,
        to=REQUEST.to,
        from_=REQUEST.from_number,
        url=REQUEST.voice_url,
        method="POST",
        fallback_url=REQUEST.fallback_url,
        fallback_method="POST",
        status_callback=REQUEST.status_url,
        status_callback_method="POST",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
        timeout=25,
        time_limit=600,
    )
    ours, theirs = stub.creates
    assert sorted(ours.form) == sorted(theirs.form)
    assert ours.path == theirs.path
    for header in ("Authorization", "Content-Type"):
        assert ours.headers[header] == theirs.headers[header]


async def test_a_lost_create_is_not_sent_again_where_a_question_is(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    first = await carrier.place(REQUEST)
    assert isinstance(first, Accepted)
    stub.mishaps.append(stubs.cut_after_accepting)
    assert isinstance(await carrier.place(REQUEST), Unknown)
    assert len(stub.creates) == 2
    assert stub.creates[0].peer == stub.creates[1].peer  # the lost one went over a reused connection

    await carrier.ask(first.sid)
    stub.mishaps.append(stubs.cut_after_reading)
    assert await carrier.ask(first.sid) is not None  # on a reused connection the HTTP client does repeat a GET
    assert len(stub.received) == 5


async def test_a_lost_hang_up_is_not_sent_again_either(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    placing = await carrier.place(REQUEST)
    assert isinstance(placing, Accepted)
    stub.mishaps.append(stubs.cut_after_reading)
    with pytest.raises(Exception, match="connection to Twilio"):
        await carrier.hang_up(placing.sid)
    assert [seen.method for seen in stub.received] == ["POST", "POST"]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 499, 300, 307, 600])
async def test_answers_that_do_not_prove_a_refusal_are_unknown(
    stub: CarrierStub, carrier: TwilioCarrier, status: int
) -> None:
    stub.mishaps.append(stubs.answer(status, b'{"code": 21211}', {"Location": stub.base}))
    placing = await carrier.place(REQUEST)
    assert isinstance(placing, Unknown)
    assert len(stub.received) == 1  # a redirect is not followed


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"sid": "CA1"}', b'{"sid": null}', b"\xff", b"[" * 100_000])
async def test_a_success_without_a_call_is_unknown(stub: CarrierStub, carrier: TwilioCarrier, body: bytes) -> None:
    stub.mishaps.append(stubs.answer(201, body))
    assert isinstance(await carrier.place(REQUEST), Unknown)


async def test_an_endless_answer_is_unknown(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    stub.mishaps.append(stubs.answer(201, b" " * (17 * 1024 * 1024)))
    placing = await carrier.place(REQUEST)
    assert isinstance(placing, Unknown)
    assert "16777216 bytes" in placing.reason


async def test_too_many_requests_says_when_to_come_back(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    expected: list[tuple[str | None, Any]] = [
        ("3", 3.0),
        (None, None),
        ("soon", None),
        ("999999", 3600.0),
        ("Mon, 23 Nov 2020 04:00:00 GMT", 0.0),
        (later, pytest.approx(89, abs=2)),
    ]
    for header, seconds in expected:
        headers = {} if header is None else {"Retry-After": header}
        stub.mishaps.append(stubs.refuse(429, None, "Too many", headers))
        placing = await carrier.place(REQUEST)
        assert isinstance(placing, Refused)
        assert (placing.kind, placing.code) == (Refusal.LATER, "20429")
        assert placing.retry_after_seconds == seconds, header


async def test_nobody_listening_is_safe_to_repeat() -> None:
    assert_safe_to_repeat(await place_at(f"http://127.0.0.1:{free_port()}"))


async def test_a_name_that_cannot_be_looked_up_is_safe_to_repeat() -> None:
    assert_safe_to_repeat(await place_at(f"https://{'x' * 64}.invalid"))


async def test_a_failed_tls_handshake_is_safe_to_repeat() -> None:
    async with stubs.plain_server(b"HTTP/1.0 400 Bad Request\r\n\r\n") as port:
        assert_safe_to_repeat(await place_at(f"https://127.0.0.1:{port}"))


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    done = asyncio.Event()

    async def wait(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        done.set()
        server.close()


async def test_a_time_out_before_the_request_left_is_safe_to_repeat() -> None:
    async with silent_server() as port:
        placing = await place_at(f"https://127.0.0.1:{port}", timeout_seconds=0.2)
    assert_safe_to_repeat(placing)


async def test_a_time_out_after_the_request_left_is_unknown() -> None:
    async with silent_server() as port:
        placing = await place_at(f"http://127.0.0.1:{port}", timeout_seconds=0.2)
    assert placing == Unknown(f"Twilio at 127.0.0.1:{port} did not answer within 0.2 s")


async def test_an_answer_that_is_no_http_is_unknown() -> None:
    async with stubs.plain_server(b"220 mail.example.org ESMTP\r\n") as port:
        assert isinstance(await place_at(f"http://127.0.0.1:{port}"), Unknown)


async def test_closing_ends_a_create_under_way_as_unknown(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    stub.mishaps.append(stubs.say_nothing_after_accepting)
    task = asyncio.create_task(carrier.place(REQUEST))
    await stub.accepted.wait()
    await carrier.close()
    async with asyncio.timeout(20):
        assert isinstance(await task, Unknown)


async def test_many_creates_go_out_at_once(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    placings = await asyncio.gather(*(carrier.place(REQUEST) for _ in range(150)))
    assert {type(placing) for placing in placings} == {Accepted}
    assert len({seen.peer for seen in stub.creates}) > 100  # not held back by the HTTP client's usual 100


@pytest.mark.parametrize(
    ("sid", "token", "base", "seconds", "setting"),
    [
        ("", "t", "https://api.twilio.com", 1.0, "TWILIO_ACCOUNT_SID"),
        ("AC/../x", "t", "https://api.twilio.com", 1.0, "TWILIO_ACCOUNT_SID"),
        ("AC1", "", "https://api.twilio.com", 1.0, "TWILIO_AUTH_TOKEN"),
        ("AC1", "two words", "https://api.twilio.com", 1.0, "TWILIO_AUTH_TOKEN"),
        ("AC1", "t", "http://api.twilio.com", 1.0, "TWILIO_API_BASE"),
        ("AC1", "t", "https://user@api.twilio.com", 1.0, "TWILIO_API_BASE"),
        ("AC1", "t", "https://api.twilio.com:port", 1.0, "TWILIO_API_BASE"),
        ("AC1", "t", "api.twilio.com", 1.0, "TWILIO_API_BASE"),
        ("AC1", "t", "https://api.twilio.com", 0.0, "CARRIER_TIMEOUT_SEC"),
    ],
)
def test_settings_no_account_can_have_are_named(sid: str, token: str, base: str, seconds: float, setting: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        TwilioCarrier(sid, token, api_base=base, timeout_seconds=seconds)
    assert caught.value.where == setting
    assert caught.value.example


@pytest.mark.parametrize("base", ["http://localhost:1", "http://127.0.0.1:1/", "http://[::1]:1", "https://x.example/p"])
def test_plain_http_is_for_this_machine(base: str) -> None:
    TwilioCarrier("AC1", "t", api_base=base, timeout_seconds=1)
