"""The manual list on the board: every number a link, and who does what about whom."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from gdial.dialing.states import Outcome, Reason, RecipientState
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage.tables import recipients
from tests.integration.web.dashboard.test_new_run import send
from tests.support.dead_networks import with_dead_networks
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.visitor import logged_in
from tests.support.web import AUTHORIZED, Api, served

SWEDISH = {**AUTHORIZED, "Accept": "text/html", "Accept-Language": "sv"}


@pytest.fixture
async def runtime(make_settings: Callable[..., Settings], clock: TurnedClock) -> AsyncIterator[Runtime]:
    async with opened_runtime(make_settings(), clock) as opened, with_dead_networks(opened) as ringing:
        yield ringing


@pytest.fixture
async def api(runtime: Runtime) -> AsyncIterator[Api]:
    async with served(runtime) as running:
        yield running


async def run_with_nobody_reached(api: Api, runtime: Runtime, mode: str) -> str:
    body = {"name": "Brand", "pasted_list": "Bo Berg, 0701740606, 08-123 456 78", "text": "Hej.", "mode": mode}
    started = await api.post("/api/runs", {**body, "policy": {"reached_when": "answered"}})
    assert started.status == 202, started.text
    ended = {"state": RecipientState.ENDED, "outcome": Outcome.NOT_REACHED, "reason": Reason.BUSY, "due_at": None}
    async with runtime.database.transaction() as tx:
        await tx.execute(update(recipients).where(recipients.c.run_id == UUID(started.json["id"])).values(ended))
    return str(started.json["id"])


@pytest.fixture
async def run_id(api: Api, runtime: Runtime) -> str:
    return await run_with_nobody_reached(api, runtime, "real")


async def test_numbers_are_links_and_the_reason_is_plain(api: Api, run_id: str) -> None:
    page = await api.get(f"/runs/{run_id}/manual", headers=SWEDISH)
    assert re.findall(r'<a href="tel:([^"]+)">', page.text) == ["+46701740606", "+46812345678"]
    assert "Upptaget" in page.text
    assert "1 inte nådda: 1 kvar, 0 tagna, 0 klara." in page.text
    assert f'href="/runs/new?again={run_id}"' in page.text


async def test_one_is_taken_noted_and_handled_and_leaves_the_list(api: Api, run_id: str) -> None:
    page = await api.get(f"/runs/{run_id}/manual", headers=SWEDISH)
    taking = re.findall(r'action="([^"]+/take)"', page.text)[0]
    noting, handling = taking.replace("/take", "/notes"), taking.replace("/take", "/handle")

    assert (await send(api, taking, [("back", "")])).status == 303
    assert (await send(api, noting, [("text", "Mamman svarade, han kommer"), ("back", "")])).status == 303
    page = await api.get(f"/runs/{run_id}/manual", headers=SWEDISH)
    assert "Tagen av API_TOKEN 05:00" in page.text
    assert "Mamman svarade, han kommer" in page.text
    assert (await send(api, noting, [("text", " ")])).status == 409

    assert (await send(api, handling, [("back", "")])).status == 303
    left: Any = await api.get(f"/runs/{run_id}/manual", headers=SWEDISH)
    assert "Alla på listan är klara." in left.text
    assert "Klar, API_TOKEN 05:00" in (await api.get(f"/runs/{run_id}/manual?show=all", headers=SWEDISH)).text
    assert (await api.get(f"/api/runs/{run_id}")).json["counts"]["not_reached"] == 1


async def test_those_who_did_not_answer_are_rung_again_from_a_form_filled_in(
    api: Api,
    run_id: str,
) -> None:
    form = await api.get(f"/runs/new?again={run_id}", headers=SWEDISH)
    assert "De som ”Brand” inte nådde" in form.text
    assert ">Hej.</textarea>" in form.text
    told = await send(api, "/runs/new", [("not_reached_in", run_id), ("what", "text"), ("text", "Hej igen.")])
    assert "Ring 1 person?" in told.text


async def test_somebody_logged_in_starts_a_drill_and_is_named_where_they_take_a_person(
    api: Api, runtime: Runtime, run_id: str
) -> None:
    async with logged_in(api, runtime, name="Vera Vakt") as vera:
        await vera.get("/drill")
        started = await vera.send("/drill", group_ids="", message_id="", form_key="form-1")
        assert started.status == 303
        page = await vera.get(f"/runs/{run_id}/manual")
        taking = re.findall(r'action="([^"]+/take)"', page.text)[0]
        without_token = await vera.ask("POST", taking, data={"back": ""})
        assert without_token.status == 403
        assert (await vera.send(taking, back="")).status == 303
        assert "Taken by Vera Vakt" in (await vera.get(f"/runs/{run_id}/manual")).text
        deeds = [line["deed"] for line in (await api.get("/api/log")).json["items"]]
        assert {"run.started", "recipient.changed"} <= set(deeds)


async def test_in_a_drill_no_number_can_be_clicked(api: Api, runtime: Runtime) -> None:
    run_id = await run_with_nobody_reached(api, runtime, "drill")
    page = await api.get(f"/runs/{run_id}/manual", headers=SWEDISH)
    assert "+46701740606" in page.text
    assert "tel:" not in page.text
    assert "Det här var en övning" in page.text
