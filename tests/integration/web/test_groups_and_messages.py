"""Groups and messages through the REST interface."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.runtime import TurnedClock
from tests.support.web import Api

FIRE = {
    "name": "Fire",
    "text": "Hej {first_name}! Det brinner. Tryck 1 om du kommer.",
    "language": "sv",
    "responses": {"1": {"label": "Coming", "reply": "Thank you"}, "2": {"label": "Not coming"}},
}


async def make_person(api: Api, name: str, number: str) -> str:
    made = await api.make("/api/contacts", {"name": name, "phone_numbers": [{"number": number}]})
    person_id: str = made["id"]
    return person_id


async def test_people_join_and_leave_a_group(api: Api) -> None:
    karin, bo = await make_person(api, "Karin", "070-1234567"), await make_person(api, "Bo", "070-1234568")
    group = await api.make("/api/groups", {"name": " Night  shift ", "contact_ids": [karin]})
    path = f"/api/groups/{group['id']}"

    joined = await api.post(f"{path}/members", {"contact_ids": [karin, bo]})
    members = (await api.get(f"{path}/members")).json
    left = await api.ask("DELETE", f"{path}/members/{karin}")
    left_again = await api.ask("DELETE", f"{path}/members/{karin}")

    assert group == {"id": group["id"], "name": "Night shift", "size": 1}
    assert joined.json == {**group, "size": 2}
    assert [person["name"] for person in members["items"]] == ["Bo", "Karin"]
    assert (left.status, left_again.status) == (204, 404)
    assert (await api.get(path)).json["size"] == 1


async def test_a_stranger_joins_no_group(api: Api) -> None:
    karin = await make_person(api, "Karin", "070-1234567")
    group = await api.make("/api/groups", {"name": "Night"})

    answer = await api.post(f"/api/groups/{group['id']}/members", {"contact_ids": [karin, str(uuid4())]})
    made = await api.post("/api/groups", {"name": "Day", "contact_ids": [str(uuid4())]})

    assert (answer.status, made.status) == (404, 404)
    assert [(g["name"], g["size"]) for g in (await api.get("/api/groups")).json["items"]] == [("Night", 0)]


async def test_a_group_is_renamed_and_removed(api: Api) -> None:
    night = await api.make("/api/groups", {"name": "Night"})
    await api.make("/api/groups", {"name": "Day"})
    path = f"/api/groups/{night['id']}"

    renamed = await api.ask("PATCH", path, json={"name": "NIGHT"})
    taken = await api.ask("PUT", path, json={"name": "day"})

    assert (renamed.status, renamed.json["name"]) == (200, "NIGHT")
    assert (taken.status, taken.headers["Content-Type"]) == (409, "application/problem+json")
    assert (await api.ask("DELETE", path)).status == 204
    assert [(await api.ask(method, path)).status for method in ("GET", "DELETE")] == [404, 404]


@pytest.mark.parametrize("name", ["", "  \u200b ", "x" * 101, 7, None])
async def test_a_group_needs_a_name(quick_api: Api, name: Any) -> None:
    answer = await quick_api.post("/api/groups", {"name": name})

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "name")


async def test_a_message_is_kept_with_its_responses(api: Api) -> None:
    made = await api.make("/api/messages", FIRE)

    assert made["responses"] == {
        "1": {"label": "Coming", "reply": "Thank you"},
        "2": {"label": "Not coming", "reply": ""},
    }
    assert (made["text"], made["language"]) == (FIRE["text"], "sv")
    assert (await api.get(f"/api/messages/{made['id']}")).json == made
    assert (await api.get("/api/messages")).json == {"items": [made], "total": 1, "limit": 100, "offset": 0}


async def test_a_message_is_changed_and_removed(api: Api, clock: TurnedClock) -> None:
    made = await api.make("/api/messages", FIRE)
    path = f"/api/messages/{made['id']}"
    clock.turn(hours=1)

    patched = (await api.ask("PATCH", path, json={"text": "It burns.", "language": "EN_gb"})).json
    put = (await api.ask("PUT", path, json={"name": "Water", "text": "Det läcker."})).json

    assert (patched["name"], patched["text"], patched["language"]) == ("Fire", "It burns.", "en-GB")
    assert patched["responses"] == made["responses"]
    assert (patched["created_at"], patched["updated_at"]) == (made["created_at"], "2026-03-01T05:00:00Z")
    assert (put["name"], put["language"], put["responses"]) == ("Water", "sv", {})
    assert (await api.ask("DELETE", path)).status == 204
    assert [(await api.ask(method, path)).status for method in ("GET", "DELETE")] == [404, 404]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"text": ""}, "text"),
        ({"text": "Hej {nickname}"}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"language": "svenska språket"}, "language"),
        ({"language": None}, "language"),
        ({"responses": {"A": {"label": "x"}}}, "responses.A"),
        ({"responses": {"*": {"label": "x"}}}, "responses.*"),
        ({"responses": {"1": {"label": ""}}}, "responses.1.label"),
        ({"responses": {"1": {"label": "x", "reply": 7}}}, "responses.1.reply"),
        ({"responses": {"1": "Coming"}}, "responses.1"),
        ({"responses": [1]}, "responses"),
        ({"voice": "x"}, "voice"),
    ],
)
async def test_what_is_wrong_with_a_message_is_told_by_field(quick_api: Api, change: Any, field: str) -> None:
    answer = await quick_api.post("/api/messages", FIRE | change)

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    assert (await quick_api.get("/api/messages")).json["total"] == 0
