"""Who is let in, how fast, and what the account looks like."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from gdial.errors import InvalidInput, SetupError
from gdial.simulator import NoAnswer, Simulator, SimulatorOptions, running_simulator
from tests.simulator.application import ACCOUNT, FROM, TO, TOKEN
from tests.simulator.caller import CALLS, NOBODY_ANSWERS, Caller, authorize, open_client


async def test_nobody_comes_in_without_an_account(caller: Caller) -> None:
    status, body = await caller.request("GET", f"{CALLS}.json", token=None)
    assert (status, body["code"]) == (401, 20003)


async def test_a_demanded_token_must_be_right(session: aiohttp.ClientSession) -> None:
    async with running_simulator(SimulatorOptions(account=ACCOUNT, token=TOKEN)) as simulator:
        caller = Caller(simulator, session)
        assert (await caller.request("GET", f"{CALLS}.json"))[0] == 200
        assert (await caller.request("GET", f"{CALLS}.json", token="guessed"))[0] == 401
        other = CALLS.replace(ACCOUNT, "AC" + "b" * 32)
        assert (await caller.request("GET", f"{other}.json"))[0] == 401


async def test_requests_above_the_rate_are_not_processed(session: aiohttp.ClientSession) -> None:
    async with running_simulator(SimulatorOptions(profile=NOBODY_ANSWERS, requests_per_second=0.01)) as simulator:
        caller = Caller(simulator, session)
        await caller.place()
        status, body = await caller.create()
        assert (status, body["code"]) == (429, 20429)
        assert len(simulator.ledger()["calls"]) == 1


async def test_a_caller_id_that_is_not_the_accounts_is_refused(session: aiohttp.ClientSession) -> None:
    async with running_simulator(SimulatorOptions(profile=NOBODY_ANSWERS, caller_ids=(FROM,), speed=200)) as simulator:
        caller = Caller(simulator, session)
        assert (await caller.create())[0] == 201
        status, body = await caller.create(From="+46850000009")
        assert (status, body["code"]) == (400, 21210)
        numbers = await asyncio.to_thread(open_client(simulator).incoming_phone_numbers.list)
        assert [number.phone_number for number in numbers] == [FROM]
        assert numbers[0].capabilities["voice"] is True


async def test_without_caller_ids_every_number_is_the_accounts(simulator: Simulator) -> None:
    numbers = open_client(simulator).incoming_phone_numbers
    assert await asyncio.to_thread(numbers.list) == []
    [found] = await asyncio.to_thread(lambda: numbers.list(phone_number=FROM))
    assert found.phone_number == FROM


async def test_too_many_open_calls_are_refused(session: aiohttp.ClientSession) -> None:
    async with running_simulator(SimulatorOptions(profile=NOBODY_ANSWERS, max_concurrent_calls=2)) as simulator:
        caller = Caller(simulator, session)
        simulator.phones.script(TO, NoAnswer(), NoAnswer())
        first = await caller.place()
        await caller.place(To="+46701230000")
        status, body = await caller.create(To="+46701230001")
        assert (status, body["code"]) == (400, 10004)
        await caller.update(first, Status="canceled")
        assert (await caller.create(To="+46701230001"))[0] == 201


async def test_the_account_can_be_fetched(simulator: Simulator) -> None:
    account = await asyncio.to_thread(open_client(simulator).api.accounts(ACCOUNT).fetch)
    assert (account.sid, account.status) == (ACCOUNT, "active")


async def test_answers_tell_how_many_requests_are_under_way(simulator: Simulator) -> None:
    url = f"{simulator.base_url}{CALLS}.json"
    async with aiohttp.ClientSession() as session, session.get(url, headers=authorize(TOKEN)) as answer:
        assert answer.headers["Twilio-Concurrent-Requests"] == "1"


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"speed": 0.0}, "--speed"),
        ({"port": 70000}, "--port"),
        ({"keep_calls": 0}, "--keep-calls"),
        ({"calls_per_second": -1.0}, "--calls-per-second"),
        ({"max_concurrent_calls": 0}, "--max-concurrent-calls"),
        ({"caller_ids": ("0850000000",)}, "--caller-id"),
    ],
)
def test_a_bad_option_is_named(wrong: dict[str, Any], option: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{option}: "):
        SimulatorOptions(**wrong)


async def test_a_taken_port_is_explained(simulator: Simulator) -> None:
    port = int(simulator.base_url.rsplit(":", 1)[1])
    with pytest.raises(SetupError, match=rf"{port}.*--port"):
        async with running_simulator(SimulatorOptions(port=port)):
            pass
