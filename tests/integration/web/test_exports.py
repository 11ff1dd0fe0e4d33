"""Contacts that leave as a file and come back."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdial.settings import Settings
from tests.support.runtime import opened_runtime
from tests.support.web import AUTHORIZED, Api, served

KINDS = ("csv", "xlsx")
NUMBERS = ["070-174 06 05", "070-174 06 06", "031-390 06 00", "08-465 004 00", "+47 22 86 44 00", "+1 212 555 0123"]
AWKWARD = (
    "=1+1", "'=1", "-x", "@a", "a, b", 'a "b" c', '"a"', "a;b|c", ":::a", "a\nb", "<&>", "_x0041_", "å ä ö", "😀",
)  # fmt: skip


def number_of(entry: Any) -> Any:
    return entry["number"]


awkward = st.one_of(st.sampled_from(AWKWARD), st.text(min_size=1, max_size=30))
labels = st.sampled_from(["mobile", "home", "work", "other"])
people = st.fixed_dictionaries(
    {
        "name": awkward.map(lambda text: f"{text} A"),
        "phone_numbers": st.lists(
            st.fixed_dictionaries({"number": st.sampled_from(NUMBERS), "label": labels}),
            min_size=1, max_size=5, unique_by=number_of,
        ),
        "language": st.sampled_from([None, "sv", "en"]),
        "notes": st.one_of(st.just(""), awkward),
    }
)  # fmt: skip


async def download(api: Api, path: str) -> bytes:
    async with api.session.get(api.url + path, headers=AUTHORIZED) as answer:
        assert answer.status == 200, await answer.text()
        assert path.partition("?")[0].rpartition(".")[2] in answer.headers["Content-Disposition"]
        return await answer.read()


def rows_of(kind: str, content: bytes) -> list[list[str]]:
    if kind == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[cell.value or "" for cell in row] for row in sheet]


async def add(api: Api, **person: Any) -> Any:
    return await api.make("/api/contacts", person)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


async def test_it_holds_who_is_there_and_how_they_are_rung(api: Api, kind: str) -> None:
    night = await api.make("/api/groups", {"name": "Natt, jour"})
    await add(api, name="Karin Öst", external_id="17", language="sv", notes="ring\nmobilen",
              phone_numbers=[{"number": NUMBERS[2], "label": "home"}, {"number": NUMBERS[0], "label": "mobile"}],
              group_ids=[night["id"]])  # fmt: skip
    await add(api, name="Bo Ek", phone_numbers=[{"number": NUMBERS[1], "label": "mobile"}])

    rows = rows_of(kind, await download(api, f"/api/contacts/export.{kind}"))

    assert rows == [
        ["Id", "Name", "Home 1", "Mobile 1", "Mobile 2", "Group", "Language", "Notes"],
        ["", "Bo Ek", "", "+46701740606", "", "", "", ""],
        ["17", "Karin Öst", "+46313900600", "", "+46701740605", '"Natt, jour"', "sv", "ring\nmobilen"],
    ]


async def test_the_filters_of_the_list_choose(api: Api, kind: str) -> None:
    group = await api.make("/api/groups", {"name": "Natt"})
    await add(api, name="Karin Öst", phone_numbers=[{"number": NUMBERS[0]}], group_ids=[group["id"]])
    await add(api, name="Bo Ek", phone_numbers=[{"number": NUMBERS[1], "label": "work"}])

    async def names(query: str) -> list[str]:
        return [row[1] for row in rows_of(kind, await download(api, f"/api/contacts/export.{kind}?{query}"))[1:]]

    assert await names("search=bo") == ["Bo Ek"]
    assert await names(f"group_id={group['id']}") == ["Karin Öst"]
    assert await names(f"group_id={group['id']}&search=bo") == []
    missing = await api.get(f"/api/contacts/export.{kind}?group_id=6f1c8d3e-2b4a-4c5d-9e8f-0a1b2c3d4e5f")
    assert missing.status == 404


async def test_text_that_looks_like_a_formula_is_text(api: Api, kind: str) -> None:
    await add(api, name="=cmd|' /C calc'!A0", external_id="@17", notes="+1", phone_numbers=[{"number": NUMBERS[0]}])

    _, row = rows_of(kind, await download(api, f"/api/contacts/export.{kind}"))

    assert row == ["'@17", "'=cmd|' /C calc'!A0", "+46701740605", "", "", "'+1"]


async def test_more_people_than_leave_at_once_are_all_there(api: Api, kind: str) -> None:
    rows = "\n".join(f"Person {n};070{n:07}" for n in range(1_000_000, 1_000_501))
    assert (await api.import_file(f"name;phone\n{rows}".encode())).json["created"] == 501

    exported = rows_of(kind, await download(api, f"/api/contacts/export.{kind}"))

    assert [row[1] for row in exported[1:]] == [f"Person {n}" for n in range(1_000_000, 1_000_501)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(people, min_size=1, max_size=6), st.lists(awkward, max_size=3), st.sampled_from(KINDS))
def test_what_was_exported_comes_back_unchanged(
    make_settings: Callable[..., Settings], listed: list[dict[str, Any]], groups: list[str], kind: str
) -> None:
    asyncio.run(come_back(make_settings(), listed, groups, kind))


async def come_back(chosen: Settings, listed: list[dict[str, Any]], groups: list[str], kind: str) -> None:
    async with opened_runtime(chosen) as rt, served(rt) as api:
        for old in (await api.get("/api/contacts?limit=500")).json["items"]:
            await api.ask("DELETE", f"/api/contacts/{old['id']}")
        made = [await api.post("/api/groups", {"name": name}) for name in groups]
        group_ids = [group.json["id"] for group in made if group.status == 201]
        for place, person in enumerate(listed):
            # The same name and number without an id are one person to an import.
            named = person | {"external_id": f"={place}", "group_ids": group_ids[: place + 1]}
            answer = await api.post("/api/contacts", named)
            assert answer.status in (201, 422), answer.text
        before = (await api.get("/api/contacts?limit=500")).json

        back = await api.import_file(await download(api, f"/api/contacts/export.{kind}"), name=f"people.{kind}")

        if before["total"]:
            assert (back.json["unchanged"], back.json["errors"]) == (before["total"], []), back.json
            assert (await api.get("/api/contacts?limit=500")).json == before
