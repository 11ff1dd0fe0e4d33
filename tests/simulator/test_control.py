"""The simulator's own doors, and running it as a program."""

from __future__ import annotations

import asyncio
import warnings
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from gdial.simulator import Listen, Press, SimulatorOptions, serve_simulator
from gdial.simulator.ledger import write_rows
from tests.simulator.application import FROM, TO, Application
from tests.simulator.caller import NOBODY_ANSWERS, Caller


async def test_the_ledger_tells_what_happened(caller: Caller, application: Application) -> None:
    caller.simulator.phones.script(TO, Press(keys={"2": 1}, presses_after_seconds=(1, 1)))
    application.twiml("/dtmf", "<Say>Thank you</Say>")
    voice = application.twiml("/voice", "<Gather numDigits='1' action='/dtmf'><Say>Press two</Say></Gather>")
    sid = await caller.place(Url=voice)
    await caller.simulator.wait_until_idle()
    status, ledger = await caller.request("GET", "/ledger")
    assert status == 200
    assert ledger == caller.simulator.ledger()
    [row] = ledger["calls"]
    assert (row["sid"], row["to"], row["from"], row["status"], row["digits"]) == (sid, TO, FROM, "completed", "2")
    moments = [datetime.fromisoformat(row[name]) for name in ("created", "started", "answered_at", "ended")]
    assert moments == sorted(moments)
    assert all(moment.utcoffset() == timedelta(0) for moment in moments)
    assert [heard["text"] for heard in row["heard"]] == ["Press two", "Thank you"]


async def test_the_ledger_can_be_asked_for_what_changed(caller: Caller) -> None:
    await caller.place(Timeout="1")
    await caller.simulator.wait_until_idle()
    now = datetime.now(UTC)
    later = await caller.place(To="+46701110000")
    _, ledger = await caller.request("GET", f"/ledger?since={now.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}")
    assert [row["sid"] for row in ledger["calls"]] == [later]
    _, ledger = await caller.request("GET", f"/ledger?since={ledger['calls'][0]['created']}")
    assert [row["sid"] for row in ledger["calls"]] == [later]
    for since in ("yesterday", "2026-01-01T00:00:00"):
        status, error = await caller.request("GET", f"/ledger?since={since}")
        assert (status, error["where"]) == (422, "since")


async def test_a_long_ledger_is_one_document(stepped: Caller) -> None:
    sids = [await stepped.place(To=f"+4670{n:07}") for n in range(401)]
    _, ledger = await stepped.request("GET", "/ledger")
    assert [row["sid"] for row in ledger["calls"]] == sids


async def test_a_ledger_that_is_being_read_survives_a_reset(stepped: Caller) -> None:
    sids = [await stepped.place(To=f"+4670{n:07}") for n in range(3)]
    rows = write_rows(stepped.simulator.network.store)
    assert next(rows)["sid"] == sids[0]
    await stepped.simulator.network.reset()
    assert [row["sid"] for row in rows] == sids[1:]


async def test_a_reset_drops_every_call_without_a_word(caller: Caller, application: Application) -> None:
    caller.simulator.phones.script(TO, Listen())
    await caller.place(Twiml="<Response><Pause length='10000'/></Response>", StatusCallback=application.url("/status"))
    await caller.simulator.wait_for(lambda call: call.status == "in-progress")
    assert (await caller.request("DELETE", "/ledger"))[0] == 204
    assert (await caller.request("GET", "/ledger"))[1] == {"calls": []}
    assert (await caller.request("GET", "/health/live"))[1] == {"status": "alive", "open_calls": 0}
    assert (await caller.request("GET", f"/phones/{TO}"))[1]["calls"] == 0
    assert application.received == []
    await caller.place()


async def test_a_phone_can_be_told_what_to_do_next(caller: Caller) -> None:
    url = f"{caller.simulator.base_url}/phones/{TO}"
    script = {"calls": [{"does": "busy"}, {"does": "press", "keys": {"1": 1}}]}
    async with aiohttp.ClientSession() as session, session.post(url, json=script) as answer:
        assert answer.status == 200
        assert [one["does"] for one in (await answer.json())["script"]] == ["busy", "press"]
    sid = await caller.place()
    await caller.simulator.wait_until_idle()
    assert caller.row(sid)["status"] == "busy"
    _, phone = await caller.request("GET", f"/phones/{TO}")
    assert (phone["number"], phone["calls"], phone["in_call"], len(phone["script"])) == (TO, 1, None, 1)


@pytest.mark.parametrize(
    ("number", "body", "where"),
    [
        (TO, "{", ""),
        (TO, "[]", ""),
        (TO, '{"calls": [], "more": 1}', ""),
        (TO, '{"calls": []}', "calls"),
        (TO, '{"calls": [{"does": "sing"}]}', "calls: [0].does"),
        ("0701234567", '{"calls": [{"does": "busy"}]}', "number"),
    ],
)
async def test_a_bad_script_is_explained(caller: Caller, number: str, body: str, where: str) -> None:
    url = f"{caller.simulator.base_url}/phones/{number}"
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
        assert answer.status == 422
        error = await answer.json()
    assert error["where"] == where
    assert error["reason"]


async def test_the_front_door_says_what_this_is(caller: Caller) -> None:
    async with aiohttp.ClientSession() as session, session.get(caller.simulator.base_url) as answer:
        assert answer.content_type == "text/plain"
        assert "rings nobody" in await answer.text()


async def test_it_serves_until_cancelled_and_leaves_nothing_behind(application: Application) -> None:
    urls: asyncio.Queue[str] = asyncio.Queue()
    options = SimulatorOptions(speed=50, profile=NOBODY_ANSWERS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        serving = asyncio.create_task(
            serve_simulator(options, ready=lambda simulator: urls.put_nowait(simulator.base_url))
        )
        base_url = await urls.get()
        form = {"To": TO, "From": FROM, "Twiml": "<Response/>", "StatusCallback": application.url("/status")}
        headers = {"Authorization": "Basic QUM6dG9rZW4="}
        async with aiohttp.ClientSession(base_url) as session:
            async with session.post("/2010-04-01/Accounts/AC1/Calls.json", data=form, headers=headers) as answer:
                assert answer.status == 201
            async with session.get("/health/live") as answer:
                assert (await answer.json())["open_calls"] == 1
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert application.received == []
