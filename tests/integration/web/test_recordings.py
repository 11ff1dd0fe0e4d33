"""Recordings through the REST interface: taken in, played, kept as long as something plays them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.speech.mulaw import pack_wav, unpack_wav
from tests.support.runtime import opened_runtime
from tests.support.web import AUTHORIZED, Answer, Api, served
from tests.unit.speech.listening import lufs
from tests.unit.speech.recording_files import tone

SOUND = pack_wav(tone(1, 8_000))
SAID = "Välkommen till larmtjänsten."


async def upload(api: Api, name: str = "Välkommen", *, sound: bytes = SOUND, **fields: str) -> Answer:
    form = aiohttp.FormData({"name": name, "text": SAID, "language": "sv", **fields})
    form.add_field("file", sound, filename="welcome.wav")
    return await api.ask("POST", "/api/recordings", data=form)


async def test_a_recording_is_taken_in_heard_and_removed(api: Api) -> None:
    added = await upload(api)
    assert added.status == 201, added.text
    recording = added.json
    assert added.headers["Location"] == f"/api/recordings/{recording['id']}"
    assert (recording["in_text"], recording["made_from"]) == ("{recording:Välkommen}", "WAV pcm_mulaw")
    assert (await api.get("/api/recordings")).json["items"] == [recording]
    body = await fetch(api, recording["audio_url"])
    assert lufs(unpack_wav(body)) == pytest.approx(-19, abs=0.5)

    assert (await api.ask("DELETE", f"/api/recordings/{recording['id']}")).status == 204
    assert (await api.get(f"/api/recordings/{recording['id']}")).status == 404


async def fetch(api: Api, path: str) -> bytes:
    """As a carrier does: without a token."""
    async with api.session.get(api.url + path) as answer:
        assert answer.status == 200
        return await answer.read()


async def test_a_message_plays_it_between_spoken_parts(api: Api) -> None:
    recording = (await upload(api)).json
    text = "{recording:välkommen} Hej {first_name}! Skolan är stängd. {recording:Välkommen}"
    message = await api.make("/api/messages", {"name": "Stängt", "text": text, "language": "sv"})
    person = await api.make("/api/contacts", {"name": "Karin Öst", "phone_numbers": [{"number": "0701740601"}]})

    parts = (await api.get(f"/api/messages/{message['id']}/preview?contact_id={person['id']}")).json["parts"]

    assert [part["text"] for part in parts] == [SAID, "Hej Karin!", "Skolan är stängd.", SAID]
    assert [part["recording"] for part in parts] == ["välkommen", None, None, "Välkommen"]
    assert {parts[0]["audio_url"], parts[3]["audio_url"]} == {recording["audio_url"]}
    assert parts[0]["estimated_seconds"] == recording["seconds"]
    removed = await api.ask("DELETE", f"/api/recordings/{recording['id']}")
    assert (removed.status, removed.json["detail"]) == (409, '"Välkommen" is played by the message "Stängt"')


async def test_one_that_is_not_there_is_told_with_those_there_are(quick_api: Api) -> None:
    wish = {"name": "Stängt", "text": "{recording:hej}", "language": "sv"}
    none = await quick_api.post("/api/messages", wish)
    assert (none.status, none.json["errors"][0]["field"]) == (422, "text")
    assert "there is no recording at all yet" in none.text
    await upload(quick_api)
    translated = {"en": {"text": "{recording:hello}"}}
    some = await quick_api.post("/api/messages", {**wish, "text": "Hej.", "translations": translated})
    assert some.json["errors"][0]["field"] == "translations.en.text"
    assert 'no recording \\"hello\\"; there are: Välkommen' in some.text
    run = {"name": "Brand", "text": "{recording:hej}", "contact_ids": [], "policy": {"reached_when": "answered"}}
    assert (await quick_api.post("/api/messages/preview", {"text": run["text"]})).status == 422


UNUSABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"sound": b"#EXTM3U\nhttp://127.0.0.1/"}, "file", "none of WAV, MP3, M4A and OGG"),
    ({"sound": b""}, "file", "is empty"),
    ({"name": "../../etc"}, "name", "begins with a letter or digit"),
    ({"name": "a}b"}, "name", "begins with a letter or digit"),
    ({"text": " "}, "text", "say what is said"),
    ({"language": "svenska språket"}, "language", "is not a language code"),
]


@pytest.mark.parametrize(("given", "field", "reason"), UNUSABLE)
async def test_what_cannot_be_used_is_told(quick_api: Api, given: dict[str, Any], field: str, reason: str) -> None:
    answer = await upload(quick_api, **given)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    assert reason in answer.json["errors"][0]["reason"]
    assert (await quick_api.get("/api/recordings")).json["total"] == 0


async def test_two_of_one_name_at_once_are_one(api: Api) -> None:
    answers = await asyncio.gather(upload(api, "Larm"), upload(api, "LARM"))
    assert sorted(answer.status for answer in answers) == [201, 409]


async def test_too_large_a_file_is_not_even_read(quick_api: Api) -> None:
    host = quick_api.url.removeprefix("http://")
    head = f"POST /api/recordings HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99999999\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\nConnection: close\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in AUTHORIZED.items())
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(head.encode() + b"\r\n")
    async with asyncio.timeout(30):
        assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_host_with_another_folder_plays_it(
    runtime: Runtime, api: Api, make_settings: Callable[..., Settings]
) -> None:
    recording = (await upload(api)).json
    elsewhere = runtime.settings.data_dir.with_name("elsewhere")
    settings = runtime.settings.model_copy(update={"data_dir": elsewhere, "audio_dir": elsewhere / "audio"})
    async with opened_runtime(settings) as other, served(other) as there:
        assert await fetch(there, recording["audio_url"]) == await fetch(api, recording["audio_url"])
