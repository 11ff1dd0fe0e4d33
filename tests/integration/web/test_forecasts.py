"""What a run would take, whom a pasted list names, and ringing those who were not reached, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from gdial.dialing.states import Outcome, Reason, RecipientState
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage.tables import recipients
from tests.support.dead_networks import with_dead_networks
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.web import AUTHORIZED, Answer, Api

WORDS: dict[str, Any] = {
    "text": "Hej {first_name}. Tryck 1.",
    "responses": {"1": {"label": "Kommer", "reply": "Tack."}},
}


@pytest.fixture
async def runtime(
    database_url: str, make_settings: Callable[..., Settings], clock: TurnedClock
) -> AsyncIterator[Runtime]:
    """With a telephone network over which nobody rings: nothing works here but the API."""
    settings = make_settings(
        database_url=database_url, calls_per_second=2, max_concurrent_calls=100, price_per_minute=0.5
    )
    async with opened_runtime(settings, clock) as opened, with_dead_networks(opened) as ringing:
        yield ringing


async def make_contact(api: Api, name: str, *numbers: str) -> str:
    made = await api.make("/api/contacts", {"name": name, "phone_numbers": [{"number": it} for it in numbers]})
    return str(made["id"])


async def forecast(api: Api, **wish: Any) -> Answer:
    return await api.post("/api/runs/forecast", {"name": "Brand", **WORDS, **wish})


async def start(api: Api, **wish: Any) -> Answer:
    return await api.post("/api/runs", {"name": "Brand", **WORDS, **wish})


async def people_in(api: Api, run_id: str) -> dict[str, list[str]]:
    listed = await api.get(f"/api/runs/{run_id}/recipients")
    return {item["name"]: item["numbers"] for item in listed.json["items"]}


async def test_a_forecast_counts_people_time_calls_and_money_and_stores_nothing(api: Api) -> None:
    anna = await make_contact(api, "Anna Ek", "+46701740605", "+46812345678")
    told = await forecast(api, contact_ids=[anna], pasted_list="Bo 0701740606\nCecilia 070-174 06 05")

    assert told.status == 200, told.text
    crowd = told.json["crowd"]
    assert (crowd["people"], crowd["numbers"], crowd["shared_numbers"], crowd["not_in_register"]) == (3, 4, 1, 2)
    assert told.json["tried_once_seconds"] == pytest.approx(3 / 2 + 25)
    assert told.json["calls_at_most"] == 4 * 3
    assert 3 < told.json["calls_expected"] < 12
    assert told.json["cost"]["at_most"] == 12 * 0.5
    assert told.json["list_errors"] == []
    assert (await api.get("/api/runs")).json["total"] == 0


async def test_lines_that_cannot_be_used_are_told_and_refuse_the_run_unless_left_out(api: Api) -> None:
    pasted = "Bo 0701740606\nnobody at all\nOla 12"
    told = await forecast(api, pasted_list=pasted)
    assert [error["line"] for error in told.json["list_errors"]] == [2, 3]

    refused = await start(api, pasted_list=pasted)
    assert refused.status == 422
    assert {"line 2", "line 3"} <= set(refused.json["errors"][0]["reason"].replace(":", ";").split("; "))
    assert (await start(api, pasted_list=pasted, leave_out_bad_lines=True)).json["recipients"] == 1


async def test_who_is_pasted_and_no_contact_stays_out_of_the_register(api: Api) -> None:
    anna = await make_contact(api, "Anna Ek", "+46701740605", "+46812345678")
    group = await api.make("/api/groups", {"name": "Lediga", "contact_ids": [anna]})
    pasted = "anna  ek, 0701740605\nBo Berg, 0701740606"

    started = await start(api, pasted_list=pasted, contact_ids=[anna])
    assert started.status == 202, started.text
    # Anna is a contact: she is in once, with all her numbers.
    assert await people_in(api, started.json["id"]) == {
        "Anna Ek": ["+46701740605", "+46812345678"],
        "Bo Berg": ["+46701740606"],
    }
    assert [it["name"] for it in (await api.get("/api/contacts")).json["items"]] == ["Anna Ek"]

    without = await start(api, pasted_list=pasted, exclude_group_ids=[group["id"]])
    assert list(await people_in(api, without.json["id"])) == ["Bo Berg"]


async def test_a_preset_is_a_way_to_ring_that_single_values_change(api: Api) -> None:
    drill = await start(api, pasted_list="Bo 0701740606", preset="drill")
    run = (await api.get(f"/api/runs/{drill.json['id']}")).json
    assert (run["mode"], run["priority"], run["policy"]["rounds"]) == ("drill", 1, 5)

    alarm = await start(api, pasted_list="Bo 0701740606", preset="alarm", policy={"rounds": 2})
    run = (await api.get(f"/api/runs/{alarm.json['id']}")).json
    assert (run["mode"], run["priority"], run["policy"]["rounds"]) == ("real", 9, 2)
    assert run["policy"]["wait_between_rounds_seconds"] == 60
    assert (await start(api, pasted_list="Bo 0701740606", preset="loud")).status == 422


async def end_as(runtime: Runtime, run_id: str, outcomes: dict[str, Outcome]) -> None:
    async with runtime.database.transaction() as tx:
        for name, outcome in outcomes.items():
            ended = {"state": RecipientState.ENDED, "outcome": outcome, "reason": Reason.NO_ANSWER, "due_at": None}
            chosen = (recipients.c.run_id == UUID(run_id)) & (recipients.c.name == name)
            await tx.execute(update(recipients).where(chosen).values(ended))


async def test_only_those_who_were_not_reached_are_rung_again(api: Api, runtime: Runtime) -> None:
    anna = await make_contact(api, "Anna Ek", "+46701740605")
    pasted = "Bo Berg, 0701740606\nCecilia Dal, 0701740607\nDan Ek, 0701740608"
    first = (await start(api, contact_ids=[anna], pasted_list=pasted, policy={"rounds": 1})).json["id"]
    await end_as(
        runtime,
        first,
        {"Anna Ek": Outcome.NOT_REACHED, "Bo Berg": Outcome.REACHED, "Cecilia Dal": Outcome.STOPPED},
    )

    headers = {**AUTHORIZED, "Idempotency-Key": "again-1"}
    again = await api.post(
        f"/api/runs/{first}/again", {"text": "Hej igen.", "responses": WORDS["responses"]}, headers=headers
    )
    assert again.status == 202, again.text
    # Dan still waits in the first run, and is left to it.
    assert set(await people_in(api, again.json["id"])) == {"Anna Ek", "Cecilia Dal"}
    run = (await api.get(f"/api/runs/{again.json['id']}")).json
    assert (run["text"], run["policy"]["rounds"]) == ("Hej igen.", 1)

    twice = await api.post(
        f"/api/runs/{first}/again", {"text": "Hej igen.", "responses": WORDS["responses"]}, headers=headers
    )
    assert twice.json["id"] == again.json["id"]
    same_words = await api.post(f"/api/runs/{first}/again")
    assert (await api.get(f"/api/runs/{same_words.json['id']}")).json["text"] == WORDS["text"]


async def test_where_everybody_was_reached_there_is_nobody_to_ring_again(api: Api, runtime: Runtime) -> None:
    first = (await start(api, pasted_list="Bo Berg, 0701740606")).json["id"]
    await end_as(runtime, first, {"Bo Berg": Outcome.REACHED})
    refused = await api.post(f"/api/runs/{first}/again")
    assert (refused.status, "nobody to ring" in refused.text) == (422, True)
    assert (await api.get("/api/runs/forecast")).status == 405
