"""Messages in several languages, and what a person would hear, through the REST interface."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.support.web import Api

ENGLISH = {
    "text": "Hello {first_name}! It burns. Press 1 if you are coming.",
    "responses": {"1": {"label": "Coming", "reply": "See you."}},
}
FIRE = {
    "name": "Fire",
    "text": "Hej {first_name}! Det brinner. Tryck 1 om du kommer.",
    "language": "sv",
    "responses": {"1": {"label": "Kommer", "reply": ""}},
    "translations": {"en": ENGLISH},
}


async def make_person(api: Api, **facts: Any) -> str:
    facts = {"name": "Karin Öst", "phone_numbers": [{"number": "070-1234567"}]} | facts
    made = await api.make("/api/contacts", facts)
    return str(made["id"])


async def test_a_message_keeps_its_translations_until_they_are_replaced(api: Api) -> None:
    made = await api.make("/api/messages", FIRE)
    path = f"/api/messages/{made['id']}"

    assert made["translations"] == {"en": ENGLISH}
    assert (await api.get(path)).json == made
    renamed = await api.ask("PATCH", path, json={"name": "Water"})
    assert renamed.json["translations"] == {"en": ENGLISH}
    put = await api.ask("PUT", path, json={name: FIRE[name] for name in ("name", "text", "responses")})
    assert put.json["translations"] == {}


async def test_every_language_has_the_same_keys(api: Api) -> None:
    made = await api.make("/api/messages", FIRE)
    path = f"/api/messages/{made['id']}"

    created = await api.post("/api/messages", FIRE | {"translations": {"en": {"text": "It burns."}}})
    changed = await api.ask("PATCH", path, json={"responses": {"2": {"label": "Kan inte"}}})

    for answer in (created, changed):
        assert answer.status == 422
        assert answer.json["errors"][0]["field"].startswith("translations.en.responses.")
    assert (await api.get(path)).json == made


async def spoken_preview(api: Api, path: str) -> Any:
    """As soon as all of it can be heard: what is not made in time is made meanwhile."""
    async with asyncio.timeout(60):
        while True:
            preview = (await api.get(path)).json
            if all(part["audio_url"] for part in preview["parts"]):
                return preview


async def test_a_preview_is_what_this_person_would_hear(api: Api) -> None:
    message = await api.make("/api/messages", FIRE)
    karin, john = await make_person(api), await make_person(api, name="John Doe", language="en")
    path = f"/api/messages/{message['id']}/preview"

    swedish = await spoken_preview(api, f"{path}?contact_id={karin}")
    english = await spoken_preview(api, f"{path}?contact_id={john}")

    assert [(part["text"], part["personal"]) for part in swedish["parts"]] == [
        ("Hej Karin!", True),
        ("Det brinner. Tryck 1 om du kommer.", False),
    ]
    assert (swedish["language"], swedish["translated"]) == ("sv", False)
    assert swedish["keys"]["1"]["reply"]["text"] == "Tack för svaret. Hej då."
    assert english["parts"][0]["text"] == "Hello John!"
    assert (english["language"], english["translated"]) == ("en", True)
    assert (english["keys"]["1"]["label"], english["keys"]["1"]["reply"]["text"]) == ("Coming", "See you.")
    assert english["no_answer"]["text"] == "We heard no answer. Goodbye."
    for preview in (swedish, english):
        assert 2 < preview["estimated_seconds"] < 12
        for part in preview["parts"]:
            audio = await api.get(part["audio_url"], headers={"Range": "bytes=0-3"})
            assert (audio.status, audio.headers["Content-Type"], audio.text) == (206, "audio/wav", "RIFF")


async def test_a_preview_for_nobody_shows_the_fields(quick_api: Api) -> None:
    message = await quick_api.make("/api/messages", FIRE)

    shown = await preview_with_audio(quick_api, f"/api/messages/{message['id']}/preview?language=en-GB")

    assert shown["language"] == "en"
    assert (shown["parts"][0]["text"], shown["parts"][0]["audio_url"]) == ("Hello {first_name}!", None)


async def preview_with_audio(api: Api, path: str) -> Any:
    """Asked for until the second part was spoken: a preview does not wait for long."""
    async with asyncio.timeout(60):
        while True:
            shown = (await api.get(path)).json
            if shown["parts"][1]["audio_url"]:
                return shown


async def test_an_announcement_just_ends(quick_api: Api) -> None:
    shown = await quick_api.post("/api/messages/preview", {"text": "The school is closed.", "language": "en"})
    assert [part["text"] for part in shown.json["parts"]] == ["The school is closed."]
    assert (shown.json["keys"], shown.json["no_answer"]) == ({}, None)


async def test_what_is_not_saved_can_be_heard_before(quick_api: Api) -> None:
    karin = await make_person(quick_api)
    unsaved = {name: value for name, value in FIRE.items() if name != "name"} | {"contact_id": karin}

    shown = await quick_api.post("/api/messages/preview", unsaved)
    wrong = await quick_api.post("/api/messages/preview", unsaved | {"text": "Hej {nickname}!"})
    nobody = await quick_api.post("/api/messages/preview", unsaved | {"contact_id": str(uuid4())})

    assert shown.json["parts"][0]["text"] == "Hej Karin!"
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "text")
    assert "{name}, {first_name}, {group}" in wrong.json["errors"][0]["reason"]
    assert nobody.status == 404
    assert (await quick_api.get("/api/messages")).json["total"] == 0


@pytest.mark.parametrize("query", ["contact_id=x", "contact_id=00000000-0000-4000-8000-000000000000"])
async def test_a_preview_for_a_stranger_is_refused(quick_api: Api, query: str) -> None:
    message = await quick_api.make("/api/messages", FIRE)
    answer = await quick_api.get(f"/api/messages/{message['id']}/preview?{query}")
    assert answer.status in (404, 422)
