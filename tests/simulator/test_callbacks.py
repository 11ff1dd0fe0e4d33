"""What the network tells the application, how it signs it, and how often it tries."""

from __future__ import annotations

import asyncio
import socket
from email.utils import parsedate_to_datetime

import pytest
from aiohttp import web

from gdial.simulator import Listen, NoAnswer
from gdial.simulator.outgoing.overrides import Overrides, split_overrides
from gdial.simulator.outgoing.signature import sign_request
from tests.simulator.application import ACCOUNT, FROM, TO, Application, Received
from tests.simulator.caller import Caller

EVENTS = [("StatusCallbackEvent", event) for event in ("initiated", "ringing", "answered", "completed")]


def test_the_documented_sample_is_signed_as_documented() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign_request("12345", url, fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


async def test_status_callbacks_carry_what_the_vendor_documents(caller: Caller, application: Application) -> None:
    caller.simulator.phones.script(TO, Listen())
    sid = await caller.place(
        EVENTS, Twiml="<Response><Pause length='61'/></Response>", StatusCallback=application.url("/status?run=7&x=")
    )
    await caller.simulator.wait_until_idle()
    told = application.at("/status")
    assert len(told) == 4
    for received in told:
        assert received.is_signed()
        assert received.form["CallSid"] == sid
        assert received.form["AccountSid"] == ACCOUNT
        assert (received.form["To"], received.form["From"]) == (TO, FROM)
        assert (received.form["Called"], received.form["Caller"]) == (TO, FROM)
        assert received.form["Direction"] == "outbound-api"
        assert received.form["ApiVersion"] == "2010-04-01"
        assert received.form["CallbackSource"] == "call-progress-events"
        assert received.form["ToCountry"] == "SE"
        assert received.form["ToCity"] == ""
        assert parsedate_to_datetime(received.form["Timestamp"]).utcoffset() is not None
    assert not any("CallDuration" in received.form for received in told[:-1])
    assert told[-1].form["CallDuration"] in ("61", "62", "63", "64", "65")
    assert told[-1].form["Duration"] == "2"


async def test_without_a_wish_only_the_end_is_told(caller: Caller, application: Application) -> None:
    await caller.place(StatusCallback=application.url("/status"), Timeout="2")
    await caller.simulator.wait_until_idle()
    assert [(one.form["CallStatus"], one.form["SequenceNumber"]) for one in application.at("/status")] == [
        ("no-answer", "0")
    ]


async def test_a_get_callback_is_signed_over_its_query(caller: Caller, application: Application) -> None:
    await caller.place(StatusCallback=application.url("/status?a=1"), StatusCallbackMethod="GET", Timeout="2")
    await caller.simulator.wait_until_idle()
    [told] = application.at("/status")
    assert told.method == "GET"
    assert "?a=1&CallSid=CA" in told.url
    assert told.is_signed()


async def test_a_url_is_asked_for_as_it_was_written(caller: Caller, application: Application) -> None:
    await caller.place(StatusCallback=application.url("/status?t=a%2Fb%20c&u=å"), Timeout="2")
    await caller.simulator.wait_until_idle()
    [told] = application.at("/status")
    assert told.url.endswith("/status?t=a%2Fb%20c&u=%C3%A5")
    assert told.is_signed()


async def test_a_slow_callback_keeps_the_order_and_does_not_stop_the_call(
    caller: Caller, application: Application
) -> None:
    release = asyncio.Event()
    answered: list[str] = []

    async def wait_first(received: Received) -> web.Response:
        if received.form["CallStatus"] == "initiated":
            await release.wait()
        answered.append(received.form["CallStatus"])
        return web.Response()

    caller.simulator.phones.script(TO, Listen())
    sid = await caller.place(EVENTS, StatusCallback=application.answer_with("/status", wait_first))
    await caller.simulator.wait_for(lambda call: call.status == "completed")
    assert len(application.at("/status")) == 1
    release.set()
    await caller.simulator.wait_until_idle()
    assert answered == ["initiated", "ringing", "in-progress", "completed"]
    callbacks = caller.row(sid)["callbacks"]
    assert [(one["event"], one["status"], one["attempts"]) for one in callbacks] == [
        ("initiated", 200, 1),
        ("ringing", 200, 1),
        ("answered", 200, 1),
        ("completed", 200, 1),
    ]


@pytest.mark.parametrize(
    ("fragment", "status", "tries", "final"),
    [
        ("", 500, 1, 500),
        ("#rc=3&rp=5xx", 500, 3, 200),
        ("#rc=1&rp=5xx", 500, 2, 500),
        ("#rc=3&rp=4xx", 500, 1, 500),
        ("#rc=3&rp=4xx", 404, 3, 200),
        ("#rc=3&rp=all", 503, 3, 200),
        ("#rc=0&rp=all", 503, 1, 503),
        ("#rc=3&rp=ct,rt,5xx", 503, 3, 200),
    ],
)
async def test_the_fragment_says_what_is_tried_again(
    caller: Caller, application: Application, fragment: str, status: int, tries: int, final: int
) -> None:
    seen: list[Received] = []

    async def fail_twice(received: Received) -> web.Response:
        seen.append(received)
        return web.Response(status=status if len(seen) <= 2 else 200)

    url = application.answer_with("/status", fail_twice)
    sid = await caller.place(StatusCallback=url + fragment, Timeout="2")
    await caller.simulator.wait_until_idle()
    assert len(seen) == tries
    assert all(received.is_signed() for received in seen)
    assert len({received.headers["I-Twilio-Idempotency-Token"] for received in seen}) == 1
    [callback] = caller.row(sid)["callbacks"]
    assert (callback["attempts"], callback["status"]) == (tries, final)


async def test_a_read_time_out_is_obeyed_and_can_be_tried_again(caller: Caller, application: Application) -> None:
    async def never(_: Received) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    url = application.answer_with("/status", never)
    sid = await caller.place(StatusCallback=url + "#rt=100&rc=1&rp=rt", Timeout="2")
    await caller.simulator.wait_until_idle()
    assert len(application.at("/status")) == 2
    [callback] = caller.row(sid)["callbacks"]
    assert (callback["attempts"], callback["status"], callback["error"]) == (2, None, "no answer in time")


async def test_all_tries_together_have_one_time_limit(caller: Caller, application: Application) -> None:
    async def never(_: Received) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    url = application.answer_with("/status", never)
    sid = await caller.place(StatusCallback=url + "#tt=150&rt=100&rc=5&rp=rt", Timeout="2")
    await caller.simulator.wait_until_idle()
    assert caller.row(sid)["callbacks"][0]["attempts"] == 2


async def test_redirects_do_not_lengthen_the_time_limit(caller: Caller, application: Application) -> None:
    async def move_slowly(_: Received) -> web.Response:
        await asyncio.sleep(0.08)
        return web.Response(status=307, headers={"Location": "/status"})

    url = application.answer_with("/status", move_slowly)
    sid = await caller.place(StatusCallback=url + "#tt=200", Timeout="2")
    await caller.simulator.wait_until_idle()
    assert caller.row(sid)["callbacks"][0]["error"] == "no answer in time"
    assert len(application.at("/status")) <= 3


async def test_a_refused_connection_is_tried_once_more_by_default(caller: Caller) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        sid = await caller.place(StatusCallback=f"http://127.0.0.1:{port}/status", Timeout="2")
        await caller.simulator.wait_until_idle()
    row = caller.row(sid)
    assert (row["callbacks"][0]["attempts"], row["callbacks"][0]["status"]) == (2, None)
    assert [note["code"] for note in row["notifications"]] == [11205]


async def test_a_redirect_becomes_a_get_without_fields(caller: Caller, application: Application) -> None:
    async def move(_: Received) -> web.Response:
        return web.Response(status=302, headers={"Location": "/moved?to=here"})

    await caller.place(StatusCallback=application.answer_with("/status", move), Timeout="2")
    await caller.simulator.wait_until_idle()
    [moved] = application.at("/moved")
    assert (moved.method, moved.form, moved.url) == ("GET", {}, application.url("/moved?to=here"))
    assert moved.is_signed()


async def test_a_307_keeps_the_fields(caller: Caller, application: Application) -> None:
    async def move(_: Received) -> web.Response:
        return web.Response(status=307, headers={"Location": application.url("/moved")})

    await caller.place(StatusCallback=application.answer_with("/status", move), Timeout="2")
    await caller.simulator.wait_until_idle()
    [moved] = application.at("/moved")
    assert moved.form["CallStatus"] == "no-answer"
    assert moved.is_signed()


async def test_endless_redirects_end(caller: Caller, application: Application) -> None:
    async def move(_: Received) -> web.Response:
        return web.Response(status=302, headers={"Location": "/status"})

    sid = await caller.place(StatusCallback=application.answer_with("/status", move), Timeout="2")
    await caller.simulator.wait_until_idle()
    assert [note["code"] for note in caller.row(sid)["notifications"]] == [11215]


async def test_callbacks_can_be_sent_elsewhere_while_a_call_lives(caller: Caller, application: Application) -> None:
    caller.simulator.phones.script(TO, NoAnswer())
    sid = await caller.place(StatusCallback=application.url("/old"), Timeout="600")
    await caller.simulator.wait_for(lambda call: call.status == "ringing")
    assert (await caller.update(sid, StatusCallback=application.url("/new"), Status="canceled"))[0] == 200
    await application.wait_for("/new")
    assert application.at("/old") == []


def test_overrides_are_read_as_documented() -> None:
    assert split_overrides("http://example.com/a?b=c") == ("http://example.com/a?b=c", Overrides(), [])
    bare, overrides, complaints = split_overrides("http://example.com/a#ct=100&rt=200&tt=300&rc=5&rp=ct,5xx&e=ashburn")
    assert bare == "http://example.com/a"
    assert overrides == Overrides(100, 200, 300, 5, frozenset({"ct", "5xx"}))
    assert complaints == []


@pytest.mark.parametrize("pair", ["rc=6", "rc=-1", "ct=99", "rt=15001", "tt=x", "rp=3xx", "retries=2", "rc"])
async def test_an_override_that_means_nothing_is_ignored_and_noted(
    caller: Caller, application: Application, pair: str
) -> None:
    sid = await caller.place(StatusCallback=application.url(f"/status#{pair}"), Timeout="2")
    await caller.simulator.wait_until_idle()
    [note] = caller.row(sid)["notifications"]
    assert note["code"] == 11100
    assert repr(pair) in note["message"]
    assert len(application.at("/status")) == 1
