"""The manual list over HTTP: who was not reached, by what numbers, and who takes care of them."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from gdial.actions.clear_old_data import clear_old_data
from gdial.dialing.states import Outcome, Reason, RecipientState, RunState
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage.tables import call_runs, recipients
from tests.integration.web.test_forecasts import make_contact, start
from tests.support.dead_networks import with_dead_networks
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.web import Api


@pytest.fixture
async def runtime(
    database_url: str, make_settings: Callable[..., Settings], clock: TurnedClock
) -> AsyncIterator[Runtime]:
    settings = make_settings(database_url=database_url)
    async with opened_runtime(settings, clock) as opened, with_dead_networks(opened) as ringing:
        yield ringing


@pytest.fixture
async def run_id(api: Api, runtime: Runtime) -> str:
    """Anna is reached; Bo is not, nor is Cecilia, whom the run was stopped for; Dan still waits."""
    anna = await make_contact(api, "Anna Ek", "+46701740605")
    bo = await make_contact(api, "Bo Berg", "+46701740606", "+46812345678")
    started = await start(
        api, contact_ids=[anna, bo], pasted_list="=Cecilia, 0701740607\nDan, 0701740608", policy={"rounds": 1}
    )
    ended = {
        "Anna Ek": (Outcome.REACHED, Reason.KEY),
        "Bo Berg": (Outcome.NOT_REACHED, Reason.NO_ANSWER),
        "=Cecilia": (Outcome.STOPPED, Reason.STOPPED),
    }
    async with runtime.database.transaction() as tx:
        for name, (outcome, reason) in ended.items():
            values = {"state": RecipientState.ENDED, "outcome": outcome, "reason": reason, "due_at": None}
            await tx.execute(update(recipients).where(recipients.c.name == name).values(values))
    return str(started.json["id"])


async def listed(api: Api, run_id: str, query: str = "") -> dict[str, Any]:
    page = await api.get(f"/api/runs/{run_id}/manual?language=sv{query}")
    assert page.status == 200, page.text
    return {item["name"]: item for item in page.json["items"]}


async def test_it_holds_whom_the_run_did_not_reach_with_all_their_numbers(api: Api, run_id: str) -> None:
    people = await listed(api, run_id)
    assert list(people) == ["Bo Berg", "=Cecilia"]
    assert [it["number"] for it in people["Bo Berg"]["numbers"]] == ["+46701740606", "+46812345678"]
    assert people["Bo Berg"]["explanation"] == "Ingen lyfte"
    assert people["=Cecilia"]["explanation"] == "Utringningen stoppades"


async def test_one_takes_a_person_and_the_outcome_stays_as_it_was(api: Api, run_id: str) -> None:
    bo = (await listed(api, run_id))["Bo Berg"]["recipient_id"]
    care = f"/api/runs/{run_id}/recipients/{bo}/care"
    before = (await api.get(f"/api/runs/{run_id}")).json["counts"]

    taken = await api.post(f"{care}/take")
    assert (taken.status, taken.json["taken_by"], taken.json["handled_by"]) == (200, "API_TOKEN", None)
    assert (await api.post(f"{care}/take")).status == 200
    handled = await api.post(f"{care}/handle")
    assert handled.json["handled_at"] == "2026-03-01T04:00:00Z"
    assert list(await listed(api, run_id, "&with_handled=false")) == ["=Cecilia"]
    assert (await api.get(f"/api/runs/{run_id}")).json["counts"] == before

    assert (await api.post(f"{care}/reopen")).json["handled_by"] is None
    assert (await api.post(f"{care}/release")).json["taken_by"] is None
    assert (await api.post(f"{care}/wave")).status == 422
    assert (await api.post(f"/api/runs/{run_id}/recipients/{UUID(int=1)}/care/take")).status == 404


async def test_who_is_taken_by_somebody_else_is_not_taken_again(api: Api, run_id: str) -> None:
    bo = (await listed(api, run_id))["Bo Berg"]["recipient_id"]
    care = f"/api/runs/{run_id}/recipients/{bo}/care"
    token = await api.make("/api/tokens", {"name": "Skiftledare", "role": "operator"})
    as_other = {"Authorization": f"Bearer {token['token']}"}
    assert (await api.post(f"{care}/take", headers=as_other)).json["taken_by"] == "Skiftledare"

    refused = await api.post(f"{care}/take")
    assert refused.status == 409
    assert "Skiftledare has taken this person" in refused.json["detail"]


async def test_the_file_has_everybody_and_no_formula(api: Api, run_id: str) -> None:
    file = await api.get(f"/api/runs/{run_id}/manual.csv?language=en")
    rows = list(
        csv.DictReader(
            file.text.lstrip("\ufeff").splitlines(), delimiter=";" if ";" in file.text.splitlines()[0] else ","
        )
    )
    assert [row["explanation"] for row in rows] == ["Nobody picked up", "The call-out was stopped"]
    assert rows[0]["numbers"] == "+46701740606 +46812345678"
    assert rows[1]["name"].startswith("'=")


async def test_with_the_names_goes_who_took_care(api: Api, runtime: Runtime, clock: TurnedClock, run_id: str) -> None:
    bo = (await listed(api, run_id))["Bo Berg"]["recipient_id"]
    await api.post(f"/api/runs/{run_id}/recipients/{bo}/care/take")
    async with runtime.database.transaction() as tx:
        await tx.execute(update(call_runs).values(state=RunState.STOPPED, ended_at=clock()))
    clock.turn(days=91)
    await clear_old_data(runtime)
    cleared = (await api.get(f"/api/runs/{run_id}/manual")).json["items"]
    assert [(item["name"], item["numbers"], item["taken_by"]) for item in cleared] == [("", [], None)] * 2
