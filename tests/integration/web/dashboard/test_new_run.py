"""Starting a run by hand: whom, what and how, what it will take, one button; and the same as a drill."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from html import unescape
from typing import Any

import pytest

from gdial.runtime import Runtime
from gdial.settings import Settings
from tests.support.dead_networks import with_dead_networks
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.web import AUTHORIZED, Answer, Api, served

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
ALARM = {"what": "text", "text": "Brand i skogen. Tryck 1.", "preset": "alarm"}
KEYS = [("key", "1"), ("label", "Kommer"), ("reply", "Tack."), ("key", "2"), ("label", ""), ("reply", "")]

Fields = list[tuple[str, str]]


@pytest.fixture
async def runtime(make_settings: Callable[..., Settings], clock: TurnedClock) -> AsyncIterator[Runtime]:
    settings = make_settings(price_per_minute=0.5, price_currency="SEK")
    async with opened_runtime(settings, clock) as opened, with_dead_networks(opened) as ringing:
        yield ringing


@pytest.fixture
async def api(runtime: Runtime) -> AsyncIterator[Api]:
    async with served(runtime) as running:
        yield running


async def send(api: Api, path: str, fields: Fields, language: str = "en") -> Answer:
    headers = {**AUTHORIZED, "Accept": "text/html", "Accept-Language": language}
    return await api.ask("POST", path, data=fields, headers=headers, allow_redirects=False)


def filled_in(*more: tuple[str, str], **fields: str) -> Fields:
    return [*{**ALARM, **fields}.items(), *KEYS, *more]


def hidden(page: Answer) -> Fields:
    return [(name, unescape(value)) for name, value in HIDDEN.findall(page.text)]


async def crew(api: Api, *people: tuple[str, str]) -> str:
    ids = [
        (await api.make("/api/contacts", {"name": name, "phone_numbers": [{"number": number}]}))["id"]
        for name, number in people
    ]
    group = await api.make("/api/groups", {"name": "Nattskiftet", "contact_ids": ids})
    return str(group["id"])


async def runs_in(api: Api) -> list[Any]:
    return list((await api.get("/api/runs")).json["items"])


async def test_a_run_is_told_what_it_takes_and_then_started_once(api: Api) -> None:
    group = await crew(api, ("Anna Ek", "+46701740605"), ("Bo Berg", "+46701740606"))
    form = await api.get("/runs/new")
    assert "Nattskiftet" in form.text

    told = await send(api, "/runs/new", filled_in(("group_ids", group), do="check", pasted_list="Cecilia 0701740607"))
    assert told.status == 200, told.text
    assert "Ring 3 people?" in told.text
    assert "Real phones ring." in told.text
    assert "1 of them from the pasted list alone" in told.text
    assert "SEK" in told.text
    assert await runs_in(api) == []

    first = await send(api, "/runs/new/start", [*hidden(told), ("do", "start")])
    second = await send(api, "/runs/new/start", [*hidden(told), ("do", "start")])
    assert (first.status, first.headers["Location"]) == (303, second.headers["Location"])
    (run,) = await runs_in(api)
    assert first.headers["Location"] == f"/runs/{run['id']}"
    assert (run["mode"], run["priority"], run["started_by"], run["counts"]["recipients"]) == ("real", 9, "operator", 3)
    assert run["policy"]["rounds"] == 5
    assert run["responses"] == {"1": {"label": "Kommer", "reply": "Tack."}}


async def test_the_same_is_tried_as_a_drill_first_with_one_click(api: Api) -> None:
    group = await crew(api, ("Anna Ek", "+46701740605"))
    told = await send(api, "/runs/new", filled_in(("group_ids", group)))
    drill = await send(api, "/runs/new/start", [*hidden(told), ("do", "drill")])
    real = await send(api, "/runs/new/start", [*hidden(told), ("do", "start")])
    assert (drill.status, real.status) == (303, 303)
    assert sorted(run["mode"] for run in await runs_in(api)) == ["drill", "real"]
    page = await api.get(drill.headers["Location"], headers={**AUTHORIZED, "Accept-Language": "sv"})
    assert '<strong class="drill">Övning</strong>' in page.text


async def test_what_cannot_be_used_is_told_and_nothing_typed_is_lost(api: Api) -> None:
    nobody = await send(api, "/runs/new", filled_in(do="check"), language="sv")
    assert nobody.status == 422
    assert "Välj vem som ska ringas." in nobody.text
    assert "Brand i skogen. Tryck 1." in nobody.text

    silent = await send(api, "/runs/new", filled_in(text=" ", pasted_list="Bo 0701740606"), language="sv")
    assert (silent.status, "Skriv vad som ska sägas" in silent.text) == (422, True)

    bad = filled_in(pasted_list="Bo 0701740606\nnobody")
    lines = await send(api, "/runs/new", bad, language="sv")
    assert "1 rad i listan går inte att använda." in lines.text
    assert "Rad 2" in lines.text
    assert "det finns inget telefonnummer på raden; så här är rätt: Karin Öst" in lines.text
    assert 'value="start"' not in lines.text
    refused = await send(api, "/runs/new/start", [*hidden(lines), ("do", "start")], language="sv")
    assert (refused.status, "Listan: rad 2: det finns inget telefonnummer" in refused.text) == (422, True)
    many = await send(api, "/runs/new", filled_in(pasted_list="Bo 0701740606", rounds="99"), language="sv")
    assert "Omgångar: 99 är inte ett heltal från 1 till 20" in many.text
    english = await send(api, "/runs/new", filled_in(pasted_list="Bo 0701740606", rounds="99"))
    assert "Rounds: 99 is not a whole number from 1 to 20" in english.text
    told = await api.post("/api/runs", {"name": "x", "text": "Hej.", "contact_ids": [], "policy": {"rounds": 99}})
    assert "policy.rounds: 99 is not a whole number from 1 to 20 (example: 3)" in told.json["detail"]
    left_out = await send(api, "/runs/new", [*bad, ("leave_out_bad_lines", "yes")], language="sv")
    assert 'value="start"' in left_out.text
    odd = await send(api, "/runs/new", filled_in(("group_ids", "x")))
    assert odd.status == 422
    assert await runs_in(api) == []


async def test_people_are_found_by_name_and_stay_chosen(api: Api) -> None:
    await crew(api, ("Anna Ek", "+46701740605"), ("Bo Berg", "+46701740606"))
    found = await send(api, "/runs/new", filled_in(do="find", contact_search="anna"))
    (anna,) = re.findall(r'name="contact_ids" value="([0-9a-f-]+)"', found.text)
    chosen = await send(api, "/runs/new", filled_in(("contact_ids", anna), do="find", contact_search="bo"))
    assert re.search(rf'value="{anna}" checked', chosen.text)
    assert chosen.text.count('name="contact_ids"') == 2


async def test_a_preview_is_heard_in_the_page(api: Api) -> None:
    group = await crew(api, ("Anna Ek", "+46701740605"))
    heard = await send(api, "/runs/new/preview", filled_in(("group_ids", group), text="Hej {first_name}. Tryck 1."))
    assert "Hej Anna." in heard.text
    assert "1 = Kommer" in heard.text
    (first, *_) = re.findall(r'<audio controls preload="none" src="(/tts/audio/[0-9a-f]+)">', heard.text)
    sound = await api.ask("HEAD", first, headers={})
    assert (sound.status, sound.headers["Content-Type"]) == (200, "audio/wav")
    without_script = await send(api, "/runs/new", filled_in(do="preview", pasted_list="Bo 0701740606"))
    assert "<audio" in without_script.text
    nothing = await send(api, "/runs/new/preview", filled_in(text=""), language="sv")
    assert "Skriv vad som ska sägas" in nothing.text


async def test_a_drill_takes_one_click_and_says_everywhere_that_it_is_one(api: Api) -> None:
    page = await api.get("/drill", headers={**AUTHORIZED, "Accept-Language": "sv"})
    started = await send(api, "/drill", [*hidden(page), ("group_ids", ""), ("message_id", "")], language="sv")
    assert started.status == 303, started.text
    assert (await send(api, "/drill", [*hidden(page), ("group_ids", ""), ("message_id", "")])).headers[
        "Location"
    ] == started.headers["Location"]
    (run,) = await runs_in(api)
    assert (run["mode"], run["counts"]["recipients"], run["started_by"]) == ("drill", 50, "operator")
    person = (await api.get(f"/api/runs/{run['id']}/recipients")).json["items"][0]["id"]
    for place in ("", "/manual", "/stop", f"/recipients/{person}"):
        shown = await api.get(f"/runs/{run['id']}{place}", headers={**AUTHORIZED, "Accept-Language": "sv"})
        assert '<strong class="drill">Övning</strong>' in shown.text, place
        assert '<body class="drilling"' in shown.text, place
    report = await api.get(f"/api/runs/{run['id']}/report.csv")
    assert f"gdial-drill-{run['id']}.csv" in report.headers["Content-Disposition"]
    assert report.text.count(",drill,") + report.text.count(";drill;") == 50


async def test_only_operators_start_anything(api: Api) -> None:
    token = await api.make("/api/tokens", {"name": "Tavlan", "role": "viewer"})
    headers = {"Authorization": f"Bearer {token['token']}", "Accept": "text/html"}
    assert (await api.get("/runs", headers=headers)).status == 200
    for path in ("/runs/new", "/drill"):
        assert (await api.get(path, headers=headers)).status == 403
        assert (await api.ask("POST", path, data=filled_in(), headers=headers)).status == 403
    assert (await api.ask("POST", "/runs/new/start", data=filled_in(), headers=headers)).status == 403
