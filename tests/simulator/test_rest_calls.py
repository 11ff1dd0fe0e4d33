"""The Calls resource: lists, filters, pages, updates, refusals."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException

from gdial.simulator import BadNumber, Busy, Listen, NoAnswer, Simulator, SimulatorOptions, running_simulator
from tests.simulator.application import ACCOUNT, FROM, TO, TOKEN, Application
from tests.simulator.caller import CALLS, NOBODY_ANSWERS, Caller, authorize, open_client

SAY_FOR_LONG = "<Response><Pause length='3000'/></Response>"


async def test_the_library_streams_every_call_across_pages_newest_first(simulator: Simulator) -> None:
    client = open_client(simulator)
    sids = [
        (await asyncio.to_thread(client.calls.create, to=f"+4670000{n:04}", from_=FROM, twiml="<Response/>")).sid
        for n in range(23)
    ]
    listed = await asyncio.to_thread(lambda: [call.sid for call in client.calls.stream(page_size=5)])
    assert listed == sids[::-1]


async def test_pages_hold_still_while_new_calls_come(caller: Caller) -> None:
    sids = [await caller.place(To=number(n)) for n in range(5)]
    _, first = await caller.request("GET", f"{CALLS}.json?PageSize=2")
    await caller.place(To=number(9))
    _, second = await caller.request("GET", first["next_page_uri"])
    _, third = await caller.request("GET", second["next_page_uri"])
    _, back = await caller.request("GET", second["previous_page_uri"])
    assert [[call["sid"] for call in page["calls"]] for page in (first, second, third, back)] == [
        [sids[4], sids[3]],
        [sids[2], sids[1]],
        [sids[0]],
        [sids[4], sids[3]],
    ]
    assert third["next_page_uri"] is None
    assert (second["page"], second["page_size"], second["start"], second["end"]) == (1, 2, 2, 3)
    assert first["previous_page_uri"] is None
    assert first["first_page_uri"] == f"{CALLS}.json?PageSize=2&Page=0"


async def test_a_page_can_be_asked_for_by_its_number(caller: Caller) -> None:
    sids = [await caller.place(To=number(n)) for n in range(5)]
    _, page = await caller.request("GET", f"{CALLS}.json?PageSize=2&Page=2")
    assert [call["sid"] for call in page["calls"]] == [sids[0]]


async def test_filters_choose_calls(caller: Caller) -> None:
    caller.simulator.phones.script(number(1), Busy())
    caller.simulator.phones.script(number(2), Listen())
    busy = await caller.place(To=number(1))
    held = await caller.place(To=number(2), From="+46850000001", Twiml=SAY_FOR_LONG)
    await caller.simulator.wait_for(lambda call: call.status == "busy")
    await caller.simulator.wait_for(lambda call: call.status == "in-progress")

    async def sids(query: str) -> list[str]:
        status, page = await caller.request("GET", f"{CALLS}.json?{query}")
        assert status == 200, page
        return [call["sid"] for call in page["calls"]]

    assert await sids("To=%2B46700000001") == [busy]
    assert await sids("From=%2B46850000001") == [held]
    assert await sids("Status=busy") == [busy]
    assert await sids("ParentCallSid=CA" + "0" * 32) == []
    assert await sids(f"To=%2B46700000002&From={FROM.replace('+', '%2B')}") == []


async def test_times_filter_calls_and_leave_out_those_never_dialled(session: aiohttp.ClientSession) -> None:
    async with running_simulator(
        SimulatorOptions(profile=NOBODY_ANSWERS, calls_per_second=0.001, speed=10)
    ) as simulator:
        caller = Caller(simulator, session)
        simulator.phones.script(number(1), Busy())
        dialled = await caller.place(To=number(1))
        await simulator.wait_for(lambda call: call.status == "busy")
        queued = await caller.place(To=number(2))
        now = datetime.now(UTC)

        async def sids(name: str, moment: datetime | str) -> list[str]:
            text = moment if isinstance(moment, str) else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            query = f"{name.replace('>', '%3E').replace('<', '%3C')}={text}"
            _, page = await caller.request("GET", f"{CALLS}.json?{query}")
            return [call["sid"] for call in page["calls"]]

        assert await sids("StartTime>", now - timedelta(minutes=1)) == [dialled]
        assert await sids("StartTime>", now + timedelta(minutes=1)) == []
        assert await sids("StartTime<", now + timedelta(minutes=1)) == [dialled]
        assert await sids("StartTime", now.strftime("%Y-%m-%d")) == [dialled]
        assert await sids("StartTime", "2001-01-01") == []
        assert await sids("EndTime>", now - timedelta(minutes=1)) == []
        assert (await caller.fetch(queued))["status"] == "queued"


async def test_the_library_lists_by_start_time(simulator: Simulator) -> None:
    client = open_client(simulator)
    made = await asyncio.to_thread(client.calls.create, to=TO, from_=FROM, twiml="<Response/>")
    await simulator.wait_until_idle()
    ago = datetime.now(UTC) - timedelta(hours=1)
    listed = await asyncio.to_thread(lambda: client.calls.list(to=TO, from_=FROM, start_time_after=ago))
    assert [call.sid for call in listed] == [made.sid]


async def test_the_library_cancels_a_ringing_call(simulator: Simulator) -> None:
    client = open_client(simulator)
    simulator.phones.script(TO, NoAnswer())
    made = await asyncio.to_thread(client.calls.create, to=TO, from_=FROM, twiml="<Response/>", timeout=600)
    await simulator.wait_for(lambda call: call.status == "ringing")
    changed = await asyncio.to_thread(client.calls(made.sid).update, status="canceled")
    assert changed.status == "canceled"
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(client.calls(made.sid).update, status="canceled")
    assert refused.value.code == 21220


async def test_the_library_hangs_up_a_live_call_but_cannot_cancel_it(simulator: Simulator) -> None:
    client = open_client(simulator)
    simulator.phones.script(TO, Listen())
    made = await asyncio.to_thread(client.calls.create, to=TO, from_=FROM, twiml=SAY_FOR_LONG)
    await simulator.wait_for(lambda call: call.status == "in-progress")
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(client.calls(made.sid).update, status="canceled")
    assert refused.value.code == 21220
    ended = await asyncio.to_thread(client.calls(made.sid).update, status="completed")
    assert ended.status == "completed"
    assert int(ended.duration) >= 1


async def test_a_live_call_goes_on_with_another_document(caller: Caller, application: Application) -> None:
    caller.simulator.phones.script(TO, Listen())
    sid = await caller.place(Twiml=SAY_FOR_LONG)
    assert (await caller.update(sid, Twiml="<Response/>"))[1]["code"] == 21220
    await caller.simulator.wait_for(lambda call: call.status == "in-progress")
    status, _ = await caller.update(sid, Url=application.twiml("/other", "<Say>Another</Say>"))
    assert status == 200
    await caller.simulator.wait_until_idle()
    assert [heard["text"] for heard in caller.row(sid)["heard"]] == ["Another"]
    assert caller.row(sid)["status"] == "completed"


async def test_a_live_call_goes_on_with_twiml_at_hand(caller: Caller) -> None:
    caller.simulator.phones.script(TO, Listen())
    sid = await caller.place(Twiml=SAY_FOR_LONG)
    await caller.simulator.wait_for(lambda call: call.status == "in-progress")
    assert (await caller.update(sid, Twiml="<Response><Say>Now this</Say></Response>"))[0] == 200
    await caller.simulator.wait_until_idle()
    assert [heard["text"] for heard in caller.row(sid)["heard"]] == ["Now this"]


REFUSED = [
    ({"To": ""}, 21201),
    ({"From": ""}, 21213),
    ({"To": "070-123"}, 21211),
    ({"To": "sip:somebody@example.com"}, 21211),
    ({"From": "GDial"}, 21212),
    ({"Twiml": ""}, 21205),
    ({"Url": "example.com/voice"}, 21205),
    ({"Url": "ftp://example.com/voice"}, 21205),
    ({"FallbackUrl": "nonsense"}, 21205),
    ({"StatusCallback": "http://under_score.example.com/"}, 21609),
    ({"StatusCallback": "nonsense"}, 21609),
    ({"StatusCallbackEvent": "initiated sneezed"}, 21626),
    ({"Timeout": "601"}, 21208),
    ({"Timeout": "soon"}, 21208),
    ({"Timeout": "9" * 5000}, 21208),
    ({"TimeLimit": "0"}, 20001),
    ({"Method": "PUT"}, 20001),
    ({"MachineDetection": "perhaps"}, 20001),
    ({"AsyncAmd": "perhaps"}, 20001),
    ({"Twiml": "<Response>" + " " * 4000 + "</Response>"}, 20001),
    ({"Twiml": "", "ApplicationSid": "AP" + "0" * 32}, 21218),
]


@pytest.mark.parametrize(("fields", "code"), REFUSED)
async def test_a_bad_create_is_refused_and_rings_nobody(caller: Caller, fields: dict[str, str], code: int) -> None:
    status, body = await caller.create(**fields)
    assert (status, body["code"], body["status"]) == (400, code, 400)
    assert body.keys() == {"code", "message", "more_info", "status"}
    assert body["more_info"].endswith(f"/{code}")
    assert caller.simulator.ledger()["calls"] == []


async def test_a_form_that_is_no_text_is_refused(caller: Caller) -> None:
    headers = authorize(TOKEN) | {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{caller.simulator.base_url}{CALLS}.json"
    async with aiohttp.ClientSession() as session, session.post(url, data=b"To=\xff", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, 20001)


@pytest.mark.parametrize("code", [21211, 21214, 21215, 21216, 21217])
async def test_a_dead_number_is_refused_at_create(caller: Caller, code: int) -> None:
    caller.simulator.phones.script(TO, BadNumber.model_validate({"code": code}))
    status, body = await caller.create()
    assert (status, body["code"]) == (400, code)


async def test_url_wins_over_twiml(caller: Caller, application: Application) -> None:
    caller.simulator.phones.script(TO, Listen())
    url = application.twiml("/voice", "<Say>From the address</Say>")
    _, call = await caller.create([("Twiml", "<Response><Say>At hand</Say></Response>")], Url=url)
    await caller.simulator.wait_until_idle()
    assert [heard["text"] for heard in caller.row(call["sid"])["heard"]] == ["From the address"]


async def test_a_number_may_be_written_with_spaces(caller: Caller) -> None:
    _, call = await caller.create(To="+46 (70) 123-45 67")
    assert call["to"] == TO


async def test_a_north_american_number_is_formatted_for_display(caller: Caller) -> None:
    _, call = await caller.create(To="+14158675309")
    assert call["to_formatted"] == "(415) 867-5309"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("PageSize=0", "PageSize"),
        ("Page=x", "Page"),
        ("PageToken=PAnonsense", "PageToken"),
        ("Status=sleeping", "Status"),
        ("StartTime%3E=yesterday", "StartTime>"),
    ],
)
async def test_a_bad_list_query_names_the_parameter(caller: Caller, query: str, field: str) -> None:
    status, body = await caller.request("GET", f"{CALLS}.json?{query}")
    assert status == 400
    assert f"'{field}'" in body["message"]


async def test_a_page_is_never_larger_than_a_thousand(caller: Caller) -> None:
    _, page = await caller.request("GET", f"{CALLS}.json?PageSize=5000")
    assert page["page_size"] == 1000


async def test_unknown_things_are_not_found(caller: Caller) -> None:
    for path in (f"{CALLS}/CA{'0' * 32}.json", "/2010-04-01/Accounts/nonsense"):
        status, body = await caller.request("GET", path)
        assert (status, body["code"]) == (404, 20404)
    status, body = await caller.request("PUT", f"{CALLS}.json")
    assert (status, body["code"]) == (405, 20004)


async def test_a_call_belongs_to_its_account(caller: Caller) -> None:
    sid = await caller.place()
    status, _ = await caller.request("GET", f"{CALLS}/{sid}.json".replace(ACCOUNT, "AC" + "b" * 32))
    assert status == 404


async def test_an_update_that_changes_nothing_is_refused(caller: Caller) -> None:
    sid = await caller.place()
    assert (await caller.update(sid))[0] == 400
    assert (await caller.update(sid, Status="ringing"))[0] == 400


def number(n: int) -> str:
    return f"+4670000{n:04}"
