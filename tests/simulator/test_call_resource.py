"""A call looks as the vendor says a call looks."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from gdial.simulator import Press, Simulator
from tests.simulator.application import FROM, TO
from tests.simulator.caller import Caller, open_client

RFC2822 = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
TEXT, DATE, MAP = re.compile(r".+"), RFC2822, "map"
# Every field, and what it looks like in a call that a person answered; None is null.
FIELDS: dict[str, Any] = {
    "sid": re.compile(r"CA[0-9a-f]{32}"),
    "date_created": DATE,
    "date_updated": DATE,
    "parent_call_sid": None,
    "account_sid": re.compile(r"AC[0-9a-f]{32}"),
    "to": re.compile(r"\+46701234567"),
    "to_formatted": re.compile(r"\+46701234567"),
    "from": re.compile(r"\+46850000000"),
    "from_formatted": re.compile(r"\+46850000000"),
    "phone_number_sid": re.compile(r"PN[0-9a-f]{32}"),
    "status": re.compile(r"completed"),
    "start_time": DATE,
    "end_time": DATE,
    "duration": re.compile(r"[1-9]\d*"),
    "price": None,
    "price_unit": re.compile(r"USD"),
    "direction": re.compile(r"outbound-api"),
    "answered_by": None,
    "api_version": re.compile(r"2010-04-01"),
    "forwarded_from": None,
    "group_sid": None,
    "caller_name": None,
    "queue_time": re.compile(r"\d+"),
    "trunk_sid": None,
    "uri": re.compile(r"/2010-04-01/Accounts/AC[0-9a-f]{32}/Calls/CA[0-9a-f]{32}\.json"),
    "subresource_uris": MAP,
}


def contract() -> dict[str, Any]:
    beside = Path(__file__).parents[3] / "shared/reference/twilio_v2010_calls_messages.json"
    path = Path(os.environ.get("GDIAL_TWILIO_CONTRACT") or beside)
    if not path.exists():
        pytest.skip("the vendor's contract is not here; GDIAL_TWILIO_CONTRACT names it")
    schemas: dict[str, Any] = json.loads(path.read_text())["components"]["schemas"]
    return schemas


async def test_an_answered_call_has_every_field_in_the_vendors_form(caller: Caller) -> None:
    caller.simulator.phones.script(TO, Press())
    sid = await caller.place(Twiml="<Response><Say>Hello</Say></Response>")
    await caller.simulator.wait_until_idle()
    call = await caller.fetch(sid)
    assert call.keys() == FIELDS.keys()
    for name, form in FIELDS.items():
        if form is MAP:
            assert all(uri.startswith(f"{call['uri'][:-5]}/") for uri in call[name].values())
        elif form is None:
            assert call[name] is None, name
        else:
            assert form.fullmatch(call[name]), f"{name} is {call[name]!r}"


async def test_a_call_that_was_not_dialled_yet_has_no_times(stepped: Caller) -> None:
    status, call = await stepped.create()
    assert status == 201
    assert call.keys() == FIELDS.keys()
    assert call["status"] == "queued"
    assert (call["start_time"], call["end_time"], call["duration"]) == (None, None, None)


async def test_a_call_that_nobody_answered_has_no_duration(caller: Caller) -> None:
    sid = await caller.place(To="+46701110001", Timeout="1")
    await caller.simulator.wait_until_idle()
    call = await caller.fetch(sid)
    assert call["status"] == "no-answer"
    assert RFC2822.fullmatch(call["start_time"])
    assert (call["end_time"], call["duration"]) == (None, None)


def test_the_table_of_fields_is_the_vendors() -> None:
    schemas = contract()
    call = schemas["api.v2010.account.call"]["properties"]
    assert call.keys() == FIELDS.keys()
    for name, form in FIELDS.items():
        if "pattern" in call[name] and form is not None:
            assert form.pattern.startswith(call[name]["pattern"][1:3]), name
    assert "completed" in schemas["call_enum_status"]["enum"]


async def test_the_vendors_library_reads_the_call(simulator: Simulator) -> None:
    client = open_client(simulator)
    made = await asyncio.to_thread(client.calls.create, to=TO, from_=FROM, twiml="<Response/>")
    assert (made.to, made.status, made.start_time) == (TO, "queued", None)
    await simulator.wait_until_idle()
    fetched = await asyncio.to_thread(client.calls(made.sid).fetch)
    assert fetched.sid == made.sid
    assert fetched.date_created is not None
    assert fetched.start_time >= made.date_created
    assert fetched.subresource_uris["notifications"].endswith("/Notifications.json")
