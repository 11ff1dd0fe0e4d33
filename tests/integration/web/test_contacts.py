"""Contacts through the REST interface."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.runtime import TurnedClock
from tests.support.web import Api

KARIN = {
    "name": "  Karin   Öst ",
    "phone_numbers": [{"number": "070-123 45 67", "label": "Mobil"}, {"number": "+46 31 765 43 21", "label": "work"}],
    "language": "Swedish",
    "notes": "Has the keys\nto the archive",
    "external_id": "E-17",
}


async def test_a_contact_is_kept_in_its_one_form(api: Api) -> None:
    made = await api.make("/api/contacts", KARIN)

    assert made == (await api.get(f"/api/contacts/{made['id']}")).json
    assert {name: made[name] for name in ("name", "language", "notes", "external_id", "groups")} == {
        "name": "Karin Öst",
        "language": "sv",
        "notes": "Has the keys\nto the archive",
        "external_id": "E-17",
        "groups": [],
    }
    assert [(n["number"], n["label"], n["priority"], n["bad_since"]) for n in made["phone_numbers"]] == [
        ("+46701234567", "mobile", 1, None),
        ("+46317654321", "work", 2, None),
    ]
    assert made["created_at"] == "2026-03-01T04:00:00Z"


async def test_priorities_decide_the_order(api: Api) -> None:
    numbers = [
        {"number": "070-123 45 67", "priority": 20},
        {"number": "070-123 45 68", "priority": 3},
    ]

    made = await api.make("/api/contacts", {"name": "Karin", "phone_numbers": numbers})

    assert [(n["number"], n["priority"]) for n in made["phone_numbers"]] == [("+46701234568", 1), ("+46701234567", 2)]


async def test_a_number_that_stays_keeps_its_id(api: Api, clock: TurnedClock) -> None:
    made = await api.make("/api/contacts", KARIN)
    mobile, work = made["phone_numbers"]
    clock.turn(hours=1)

    changed = await api.ask(
        "PATCH",
        f"/api/contacts/{made['id']}",
        json={"phone_numbers": [{"number": "031-765 43 21"}, {"number": "070-111 22 33"}]},
    )

    assert changed.status == 200
    assert [n["number"] for n in changed.json["phone_numbers"]] == ["+46317654321", "+46701112233"]
    assert changed.json["phone_numbers"][0]["id"] == work["id"]
    assert changed.json["phone_numbers"][1]["id"] not in (mobile["id"], work["id"])
    assert changed.json["updated_at"] == "2026-03-01T05:00:00Z"
    assert (changed.json["name"], changed.json["external_id"]) == (made["name"], "E-17")


async def test_patch_leaves_and_put_clears_what_is_not_sent(api: Api) -> None:
    group = await api.make("/api/groups", {"name": "Night shift"})
    made = await api.make("/api/contacts", {**KARIN, "group_ids": [group["id"]]})
    path = f"/api/contacts/{made['id']}"
    unchanged = {name: made[name] for name in made if name not in ("name", "updated_at")}

    patched = (await api.ask("PATCH", path, json={"name": "Karin Väst"})).json
    put = (await api.ask("PUT", path, json={"name": "Karin Norr", "phone_numbers": [{"number": "070-1234567"}]})).json

    assert patched["groups"] == [{"id": group["id"], "name": "Night shift"}]
    assert {name: patched[name] for name in unchanged} == unchanged
    assert (put["external_id"], put["language"], put["notes"], put["groups"]) == (None, None, "", [])
    assert [number["id"] for number in put["phone_numbers"]] == [made["phone_numbers"][0]["id"]]


async def test_lists_are_searched_filtered_and_paged(api: Api) -> None:
    group = await api.make("/api/groups", {"name": "Night shift"})
    for place in range(5):
        numbers = [{"number": f"070-123450{place}"}]
        ids = [group["id"]] if place % 2 else []
        await api.make("/api/contacts", {"name": f"Person {place}", "phone_numbers": numbers, "group_ids": ids})

    page = (await api.get("/api/contacts?limit=2&offset=2")).json
    grouped = (await api.get("/api/contacts", params={"group_id": group["id"]})).json
    found = (await api.get("/api/contacts", params={"search": "070-123 45 04"})).json

    assert [person["name"] for person in page["items"]] == ["Person 2", "Person 3"]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 2)
    assert [person["name"] for person in grouped["items"]] == ["Person 1", "Person 3"]
    assert [person["name"] for person in found["items"]] == ["Person 4"]


async def test_an_external_id_is_taken_once(api: Api) -> None:
    await api.make("/api/contacts", KARIN)
    other = await api.make("/api/contacts", {"name": "Bo", "phone_numbers": [{"number": "070-7654321"}]})

    again = await api.post("/api/contacts", KARIN)
    stolen = await api.ask("PATCH", f"/api/contacts/{other['id']}", json={"external_id": "E-17"})

    assert (again.status, stolen.status) == (409, 409)
    assert "external id" in again.json["detail"]
    assert (await api.get("/api/contacts")).json["total"] == 2


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"name": "   "}, "name", "empty"),
        ({"name": "x" * 201}, "name", "201 characters"),
        ({"phone_numbers": []}, "phone_numbers", "at least 1"),
        ({"phone_numbers": [{"number": "070-1234567"}, {"number": "112"}]}, "phone_numbers[1].number", "emergency"),
        ({"phone_numbers": [{"number": "070-12E4567"}]}, "phone_numbers[0].number", "letters"),
        ({"phone_numbers": [{"number": "0701234567"}, {"number": "+46701234567"}]}, "phone_numbers[1].number", "same"),
        ({"phone_numbers": [{"number": "0701234567", "label": "boat"}]}, "phone_numbers[0].label", "mobile, home"),
        ({"phone_numbers": [{"number": f"07012345{n:02}"} for n in range(11)]}, "phone_numbers", "at most 10"),
        ({"phone_numbers": [{"label": "work"}]}, "phone_numbers[0].number", "is missing"),
        ({"phone_numbers": "070-1234567"}, "phone_numbers", "must be a list"),
        ({"language": "klingonska"}, "language", "not a language"),
        ({"notes": "x" * 2001}, "notes", "2,001 characters"),
        ({"notes": 7}, "notes", "must be text"),
        ({"group_ids": [str(uuid4())]}, "group_ids[0]", "no group"),
        ({"group_ids": ["night"]}, "group_ids[0]", "must be an id"),
        ({"phonenumbers": []}, "phonenumbers", "not a known field"),
    ],
)
async def test_what_is_wrong_is_told_by_field(quick_api: Api, change: dict[str, Any], field: str, reason: str) -> None:
    answer = await quick_api.post("/api/contacts", KARIN | change)

    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert reason in answer.json["errors"][0]["reason"]
    assert (await quick_api.get("/api/contacts")).json["total"] == 0


async def test_a_wrong_number_is_told_with_a_right_one(quick_api: Api) -> None:
    answer = await quick_api.post("/api/contacts", {"name": "Karin", "phone_numbers": [{"number": "070-12E4567"}]})

    [error] = answer.json["errors"]
    right = await quick_api.post("/api/contacts", {"name": "Karin", "phone_numbers": [{"number": error["example"]}]})
    assert right.status == 201


async def test_a_removed_contact_is_gone(api: Api) -> None:
    made = await api.make("/api/contacts", KARIN)
    path = f"/api/contacts/{made['id']}"

    assert (await api.ask("DELETE", path)).status == 204

    for method in ("GET", "DELETE"):
        assert (await api.ask(method, path)).status == 404
    assert (await api.ask("PATCH", path, json={"name": "x"})).status == 404
    assert (await api.get("/api/contacts")).json["total"] == 0
