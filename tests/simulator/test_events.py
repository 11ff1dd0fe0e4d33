"""What the network tells of its own requests in a call, as the vendor's library reads it."""

from __future__ import annotations

import asyncio
from typing import Any

from gdial.simulator import Press, parse_fault_plan
from gdial.simulator.calls.store import EXCHANGES_OF_CALLS, CallStore
from gdial.simulator.clock import ScaledClock
from tests.simulator.application import TO, Application
from tests.simulator.caller import CALLS, Caller, open_client

QUARTER_SECONDS = 900
ASKS = '<Gather action="/dtmf?step=0" numDigits="1"><Say>Tryck 1.</Say></Gather>'


async def pressed_once(caller: Caller, application: Application) -> str:
    """A call in which a key was pressed, a quarter of an hour after it."""
    application.twiml("/voice", ASKS)
    application.twiml("/dtmf", "<Say>Tack.</Say>")
    caller.simulator.phones.script(TO, Press(keys={"1": 1}))
    sid = await caller.place(Url=application.url("/voice"), StatusCallback=application.url("/status"))
    await caller.simulator.wait_until_idle()
    assert (await caller.request("GET", f"{CALLS}/{sid}/Events.json"))[0] == 404, "not there yet"
    assert isinstance(caller.simulator.network.clock, ScaledClock)
    caller.simulator.network.clock.advance(QUARTER_SECONDS)
    return sid


async def test_every_request_is_told_with_its_answer(caller: Caller, application: Application) -> None:
    sid = await pressed_once(caller, application)
    client = open_client(caller.simulator)
    events: list[Any] = await asyncio.to_thread(lambda: client.calls(sid).events.list(page_size=2))
    told = {event.request["url"]: event for event in events}
    press = told[application.url("/dtmf?step=0")]
    assert press.request["method"] == "POST"
    assert {name: press.request["parameters"][name] for name in ("call_sid", "digits", "to")} == {
        "call_sid": sid,
        "digits": "1",
        "to": TO,
    }
    assert (press.response["response_code"], press.response["content_type"]) == (200, "text/xml")
    assert "Tack." in press.response["response_body"]
    assert press.response["date_created"].endswith("+0000")
    assert press.response["request_duration"] >= 0
    assert [event.request["url"] for event in events] == [
        application.url(path) for path in ("/voice", "/dtmf?step=0", "/status")
    ], "in order, over pages"


async def test_each_try_is_told_by_itself_and_one_without_an_answer_has_none(
    caller: Caller, application: Application
) -> None:
    caller.simulator.faults.replace(
        parse_fault_plan({"faults": [{"does": "key_fails", "failure": "no_connection", "tries": 1}]})
    )
    application.answer("/dtmf", status=502)
    application.twiml("/voice", ASKS.replace("step=0", "step=0#rc=1&amp;rp=all"))
    caller.simulator.phones.script(TO, Press(keys={"1": 1}))
    sid = await caller.place(Url=application.url("/voice"))
    await caller.simulator.wait_until_idle()
    assert isinstance(caller.simulator.network.clock, ScaledClock)
    caller.simulator.network.clock.advance(QUARTER_SECONDS)
    _, page = await caller.request("GET", f"{CALLS}/{sid}/Events.json")
    tries = [event for event in page["events"] if event["request"]["parameters"].get("digits") == "1"]
    assert [event["response"] and event["response"]["response_code"] for event in tries] == [None, 502]


async def test_what_was_asked_in_old_calls_is_forgotten_before_the_calls(
    caller: Caller, application: Application
) -> None:
    sid = await pressed_once(caller, application)
    store: CallStore = caller.simulator.network.store
    first = next(store.oldest_first())
    for _ in range(EXCHANGES_OF_CALLS):
        store.add(first)
    assert (await caller.request("GET", f"{CALLS}/{sid}/Events.json"))[0] == 404
    assert (await caller.request("GET", f"{CALLS}/{sid}.json"))[0] == 200
