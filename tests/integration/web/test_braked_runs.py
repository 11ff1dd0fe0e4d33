"""What a program is told that starts too much, and what anybody is who rings people who are being rung already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from gdial.carriers.pace import InProcessPace
from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.states import RunMode
from gdial.runtime import Network, Runtime
from gdial.settings import Settings
from gdial.storage import phone_numbers
from tests.support.carrier_stub import ACCOUNT_SID, AUTH_TOKEN
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.web import AUTHORIZED, Api

RUNS_AN_HOUR = 2
BY_OPERATOR = {"GDial-Operator": "board"}
WORDS: dict[str, Any] = {"text": "Hej. Tryck 1.", "responses": {"1": {"label": "Kommer", "reply": "Tack."}}}


@pytest.fixture
async def runtime(
    database_url: str, make_settings: Callable[..., Settings], clock: TurnedClock
) -> AsyncIterator[Runtime]:
    """With a telephone network over which nobody rings: nothing works here but the API."""
    settings = make_settings(database_url=database_url, runs_per_hour=RUNS_AN_HOUR)
    carrier = TwilioCarrier(ACCOUNT_SID, AUTH_TOKEN, api_base="http://127.0.0.1:9", timeout_seconds=1)
    network = Network(carrier, ("+46313900600",), InProcessPace(1, 10), "https://calls.example.org")
    async with opened_runtime(settings, clock) as opened:
        yield replace(opened, networks={RunMode.REAL: network, RunMode.DRILL: network})
    await carrier.close()


async def make_contact(api: Api, name: str, number: str) -> str:
    made = await api.make("/api/contacts", {"name": name, "phone_numbers": [{"number": number}]})
    return str(made["id"])


async def start(api: Api, *contact_ids: str, status: int = 202, headers: Any = None, **wish: Any) -> Any:
    body = {"name": "Brand", "contact_ids": contact_ids, **WORDS, **wish}
    answer = await api.post("/api/runs", body, headers=AUTHORIZED | (headers or {}))
    assert answer.status == status, answer.json
    return answer


async def test_a_program_that_starts_runs_in_a_loop_is_told_when_there_is_room(api: Api, clock: TurnedClock) -> None:
    anna = await make_contact(api, "Anna Ek", "+46701740605")
    for minutes in (0, 20):
        clock.turn(minutes=minutes)
        await start(api, anna)
    refused = await start(api, anna, status=429)
    assert refused.json["type"] == "urn:gdial:too-many-runs"
    assert "RUNS_PER_HOUR" in refused.json["detail"]
    assert "40 min" in refused.json["detail"]
    assert int(refused.headers["Retry-After"]) == 40 * 60
    clock.turn(minutes=40)
    await start(api, anna)
    await start(api, anna, status=429)


async def test_neither_an_operator_nor_anything_urgent_nor_a_single_call_nor_a_drill_is_refused(api: Api) -> None:
    anna = await make_contact(api, "Anna Ek", "+46701740605")
    for _ in range(RUNS_AN_HOUR):
        await start(api, anna)
    await start(api, anna, headers=BY_OPERATOR)
    await start(api, anna, priority=8)
    await start(api, anna, mode="drill")
    assert (await api.post("/api/calls", {"contact_id": anna, **WORDS})).status == 202
    await start(api, anna, status=429)


async def test_a_run_says_who_started_it_and_an_operators_leave_programs_their_room(api: Api) -> None:
    anna = await make_contact(api, "Anna Ek", "+46701740605")
    for _ in range(RUNS_AN_HOUR):
        started = (await start(api, anna, headers=BY_OPERATOR)).json
        assert (await api.get(f"/api/runs/{started['id']}")).json["started_by"] == "operator"
    started = (await start(api, anna)).json
    assert (await api.get(f"/api/runs/{started['id']}")).json["started_by"] == "program"


async def test_a_repeated_click_is_the_run_it_was_also_when_there_is_no_room(api: Api) -> None:
    anna = await make_contact(api, "Anna Ek", "+46701740605")
    first = (await start(api, anna, headers={"Idempotency-Key": "once"})).json
    await start(api, anna)
    assert (await start(api, anna, headers={"Idempotency-Key": "once"})).json["id"] == first["id"]


async def test_whoever_rings_people_who_are_being_rung_is_warned_and_rings_them_all_the_same(api: Api) -> None:
    anna = await make_contact(api, "Anna Ek", "+46701740605")
    bo = await make_contact(api, "Bo Dahl", "+46701740606")
    cia = await make_contact(api, "Cia Ny", "+46701740607")
    first = (await start(api, anna, bo, headers=BY_OPERATOR)).json
    assert first["warnings"] == []
    assert (await start(api, cia, headers=BY_OPERATOR)).json["warnings"] == []
    assert (await start(api, anna, mode="drill", headers=BY_OPERATOR)).json["warnings"] == []
    second = (await start(api, anna, bo, cia, headers=BY_OPERATOR, name="Igen")).json
    told = {warning["run_id"]: warning for warning in second["warnings"]}
    assert told[first["id"]]["people"] == 2
    assert '2 people of this run are being rung by the run "Brand" too' in told[first["id"]]["detail"]
    assert sorted(warning["people"] for warning in second["warnings"]) == [1, 2]
    call = (await api.post("/api/calls", {"contact_id": cia, **WORDS}, headers=AUTHORIZED | BY_OPERATOR)).json
    assert len(call["warnings"]) == 2
    for run in (first, second):
        assert (await api.post(f"/api/runs/{run['id']}/stop")).status == 200
    assert len((await start(api, anna, headers=BY_OPERATOR)).json["warnings"]) == 0


async def test_a_number_that_cannot_be_rung_is_shown_kept_by_an_import_and_trusted_again_by_a_wish(
    api: Api, runtime: Runtime
) -> None:
    await api.import_file(b"Namn;Telefon\nAnna Ek;0701740605\nBo Ek;0701740605\n")
    anna, bo = (await api.get("/api/contacts")).json["items"]
    async with runtime.database.transaction() as tx:
        await phone_numbers.mark_bad(tx, "+46701740605", "21211", runtime.clock())
    imported = await api.import_file(b"Namn;Telefon;Anteckning\nAnna Ek;0701740605;ny\n")
    assert imported.json["errors"] == []
    (number,) = (await api.get(f"/api/contacts/{anna['id']}")).json["phone_numbers"]
    assert (number["bad_code"], bool(number["bad_since"])) == ("21211", True)
    trusted = await api.post(f"/api/contacts/{anna['id']}/numbers/{number['id']}/trust")
    assert (trusted.status, trusted.json["phone_numbers"][0]["bad_since"]) == (200, None)
    (other,) = (await api.get(f"/api/contacts/{bo['id']}")).json["phone_numbers"]
    assert (other["bad_since"], other["bad_code"]) == (None, ""), "the same number, whosever it is"
    missing = await api.post(f"/api/contacts/{anna['id']}/numbers/{other['id']}/trust")
    assert missing.status == 404
