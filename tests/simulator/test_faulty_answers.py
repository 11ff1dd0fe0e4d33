"""Requests that go wrong by plan: what is done, what is heard of it, and what the ledger says."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException

from gdial.simulator import NoAnswer, SimulatorOptions, parse_fault_plan, running_simulator
from tests.simulator.application import FROM, TO, TOKEN
from tests.simulator.caller import CALLS, NOBODY_ANSWERS, Caller, authorize, open_client
from tests.simulator.stepped_clock import SteppedClock

OTHER = "+46701110000"
BROKEN = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


def spoil(caller: Caller, *faults: dict[str, Any]) -> None:
    caller.simulator.faults.replace(parse_fault_plan({"faults": list(faults)}))


async def test_a_create_answered_500_rings_all_the_same(caller: Caller) -> None:
    spoil(caller, {"does": "error"})
    status, body = await caller.create()
    assert (status, body["code"], body["status"]) == (500, 20500, 500)
    assert body.keys() == {"code", "message", "more_info", "status"}
    await caller.simulator.wait_until_idle()
    [row] = caller.simulator.ledger()["calls"]
    assert (row["to"], row["status"]) == (TO, "no-answer")
    [fault] = row["faults"]
    assert (fault["does"], fault["detail"]) == ("error", "create accepted, answered 500")
    _, page = await caller.request("GET", f"{CALLS}.json?To=%2B46701234567")
    assert [call["sid"] for call in page["calls"]] == [row["sid"]]


@pytest.mark.parametrize("fault", [{"does": "cut"}, {"does": "hang", "seconds": 0.05}])
@pytest.mark.parametrize("accepted", [True, False])
async def test_a_create_without_an_answer_leaves_the_asker_in_the_dark(
    caller: Caller, fault: dict[str, Any], accepted: bool
) -> None:
    spoil(caller, {**fault, "accepted": accepted})
    with pytest.raises(BROKEN):
        await caller.create()
    await caller.simulator.wait_until_idle()
    rows = caller.simulator.ledger()["calls"]
    assert [row["status"] for row in rows] == ["no-answer"] * accepted
    assert caller.simulator.faults.injected == {fault["does"]: 1}


async def test_whoever_hangs_does_not_hold_up_the_end() -> None:
    plan = parse_fault_plan({"faults": [{"does": "hang", "seconds": 3600}]})
    async with aiohttp.ClientSession() as session:
        async with running_simulator(SimulatorOptions(profile=NOBODY_ANSWERS, faults=plan)) as simulator:
            asking = asyncio.create_task(Caller(simulator, session).create())
            await simulator.wait_for(lambda call: bool(call.faults))
        with pytest.raises(BROKEN):
            await asking


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"does": "too_many_requests"}, 429, 20429),
        ({"does": "refuse", "code": 22005}, 400, 22005),
        ({"does": "refuse", "code": 10004}, 400, 10004),
        ({"does": "refuse", "code": 20003}, 401, 20003),
        ({"does": "refuse", "code": 99999, "status": 403}, 403, 99999),
        ({"does": "bad_number"}, 400, 21211),
        ({"does": "bad_number", "code": 13224}, 400, 13224),
        ({"does": "error", "accepted": False, "status": 503}, 503, 20503),
    ],
)
async def test_the_vendors_library_understands_a_refusal(
    caller: Caller, fault: dict[str, Any], status: int, code: int
) -> None:
    spoil(caller, fault)
    client = open_client(caller.simulator)
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(client.calls.create, to=TO, from_=FROM, twiml="<Response/>")
    assert (caught.value.status, caught.value.code) == (status, code)
    assert caller.simulator.ledger() == {"calls": []}
    [injection] = caller.simulator.faults.injections
    assert (injection.to, injection.sid) == (TO, "")


async def test_too_many_requests_tell_when_to_come_back_and_how_near_one_is(
    caller: Caller, session: aiohttp.ClientSession
) -> None:
    spoil(caller, {"does": "too_many_requests", "retry_after_seconds": 3, "requests": ["list"], "at_most": 1})
    url = f"{caller.simulator.base_url}{CALLS}.json"
    async with session.get(url, headers=authorize(TOKEN)) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "3")
        assert answer.headers["Twilio-Concurrent-Requests"] == "1"
    async with session.get(url, headers=authorize(TOKEN)) as answer:
        assert answer.status == 200
    assert (await caller.create())[0] == 201


async def test_a_refused_create_leaves_the_person_as_it_was(caller: Caller) -> None:
    caller.simulator.phones.script(TO, NoAnswer())
    spoil(caller, {"does": "too_many_requests", "at_most": 1})
    assert (await caller.create())[0] == 429
    assert caller.simulator.phones.find(TO).calls == 0
    sid = await caller.place()
    assert (caller.row(sid)["ordinal"], caller.row(sid)["behaviour"]["person"]) == (1, "scripted")


async def test_a_bad_number_stays_bad(caller: Caller) -> None:
    spoil(caller, {"does": "bad_number", "share": 0.5})
    numbers = [f"+4670111{n:04}" for n in range(12)]
    rounds = [[(await caller.create(To=number))[0] for number in numbers] for _ in range(3)]
    assert rounds[0] == rounds[1] == rounds[2]
    assert set(rounds[0]) == {201, 400}


async def test_a_slow_create_is_carried_out_at_once(caller: Caller) -> None:
    spoil(caller, {"does": "slow", "seconds": 30, "requests": ["create"]})
    asking = asyncio.create_task(caller.create())
    call = await caller.simulator.wait_for(lambda call: call.status == "no-answer")
    assert not asking.done()
    [fault] = caller.row(call.sid)["faults"]
    assert fault["detail"] == "create answered after 30.00 s"
    asking.cancel()


async def test_a_call_can_be_listed_and_fetched_only_later(stepped: Caller, clock: SteppedClock) -> None:
    spoil(stepped, {"does": "list_lag", "seconds": 8}, {"does": "fetch_lag", "seconds": 3})
    sid = await stepped.place()

    async def look() -> tuple[int, list[str]]:
        status, _ = await stepped.request("GET", f"{CALLS}/{sid}.json")
        _, page = await stepped.request("GET", f"{CALLS}.json")
        return status, [call["sid"] for call in page["calls"]]

    seen = [await look()]
    for step in (2.9, 0.2, 4.8, 0.2):
        await clock.advance(step)
        seen.append(await look())
    assert seen == [(404, []), (404, []), (200, []), (200, []), (200, [sid])]
    assert [fault["does"] for fault in stepped.row(sid)["faults"]] == ["list_lag", "fetch_lag"]


async def test_questions_and_changes_can_go_wrong_too(caller: Caller) -> None:
    sid = await caller.place()
    spoil(caller, {"does": "error", "requests": ["fetch", "update", "list"], "status": 502})
    assert (await caller.request("GET", f"{CALLS}/{sid}.json"))[0] == 502
    assert (await caller.request("GET", f"{CALLS}.json"))[0] == 502
    assert (await caller.update(sid, Status="canceled"))[0] == 502
    assert caller.row(sid)["status"] == "canceled"
    spoil(caller)
    assert (await caller.fetch(sid))["status"] == "canceled"


async def test_the_same_seed_spoils_the_same_creates_whatever_their_order(session: aiohttp.ClientSession) -> None:
    plan = parse_fault_plan(
        {
            "seed": 11,
            "faults": [
                {"does": "error", "share": 0.2},
                {"does": "cut", "share": 0.2},
                {"does": "too_many_requests", "share": 0.2},
                {"does": "list_lag", "share": 0.3},
            ],
        }
    )
    numbers = [f"+4670222{n:04}" for n in range(40)]

    async def place_all(order: list[str]) -> set[tuple[str, str, str]]:
        options = SimulatorOptions(profile=NOBODY_ANSWERS, faults=plan)
        async with running_simulator(options) as simulator:
            caller = Caller(simulator, session)
            await asyncio.gather(*(caller.create(To=number) for number in order), return_exceptions=True)
            return {(one.to, one.does, one.detail) for one in simulator.faults.injections}

    first = await place_all(numbers)
    assert first == await place_all(numbers[::-1])
    assert {does for _, does, _ in first} == {"error", "cut", "too_many_requests", "list_lag"}


async def test_two_open_calls_to_one_number_show_in_the_ledger(stepped: Caller, clock: SteppedClock) -> None:
    first = await stepped.place(Timeout="10")
    second = await stepped.place(Timeout="10")
    alone = await stepped.place(To=OTHER)
    await clock.advance(11)
    third = await stepped.place()
    overlaps = {sid: stepped.row(sid)["overlaps"] for sid in (first, second, alone, third)}
    assert overlaps == {first: [second], second: [first], alone: [], third: []}


async def test_a_plan_can_be_replaced_and_is_counted(caller: Caller) -> None:
    url = f"{caller.simulator.base_url}/faults"
    plan = {"seed": 3, "faults": [{"does": "refuse", "code": 10004, "at_most": 2}]}
    async with aiohttp.ClientSession() as session:
        async with session.put(url, json=plan) as answer:
            assert (answer.status, (await answer.json())["injected"]) == (200, {})
        assert [(await caller.create())[0] for _ in range(3)] == [400, 400, 201]
        async with session.get(url) as answer:
            told = await answer.json()
        assert (told["seed"], told["injected"]) == (3, {"refuse 10004": 2})
        assert [(fault["does"], fault["code"], fault["injected"]) for fault in told["faults"]] == [("refuse", 10004, 2)]
        async with session.get(f"{url}/injected") as answer:
            rows = (await answer.json())["injected"]
        assert [(row["does"], row["to"], row["sid"]) for row in rows] == [("refuse 10004", TO, "")] * 2
        async with session.put(url, json={}) as answer:
            assert (await answer.json())["faults"] == []
            assert (await answer.json())["injected"] == {"refuse 10004": 2}
        async with session.put(url, json={"faults": [{"does": "cut", "share": 2}]}) as answer:
            assert answer.status == 422
            assert (await answer.json())["where"] == "faults[0].share"
        await caller.request("DELETE", "/ledger")
        assert caller.simulator.faults.describe()["injected"] == {}
