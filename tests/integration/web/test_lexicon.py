"""The organisation's lexicon through the REST interface, and what is heard of it."""

from __future__ import annotations

from gdial.runtime import Runtime
from gdial.speech.base import SpeechRequest
from tests.support.runtime import opened_runtime
from tests.support.web import Api

HJO = {"written": "Hjo", "spoken": "Jo", "language": "sv"}
TEXT = SpeechRequest("Mötet är i Hjo kl. 18.", "sv")


async def test_an_entry_is_made_found_changed_and_removed(api: Api) -> None:
    made = await api.make("/api/lexicon", HJO)
    await api.make("/api/lexicon", {"written": "Gjøvik", "spoken": "Jövik", "language": "SV_se"})
    path = f"/api/lexicon/{made['id']}"
    assert [entry["written"] for entry in (await api.get("/api/lexicon")).json["items"]] == ["Gjøvik", "Hjo"]
    assert (await api.get("/api/lexicon?language=sv-SE")).json["total"] == 1
    assert (await api.get("/api/lexicon?search=HJ")).json["items"] == [made]
    changed = await api.ask("PATCH", path, json={"spoken": "Joo"})
    assert (changed.status, changed.json["spoken"], changed.json["written"]) == (200, "Joo", "Hjo")
    assert (await api.ask("DELETE", path)).status == 204
    assert (await api.get(path)).status == (await api.ask("DELETE", path)).status == 404


async def test_a_word_has_one_entry_in_a_language(api: Api) -> None:
    await api.make("/api/lexicon", HJO)
    again = await api.post("/api/lexicon", {**HJO, "written": "HJO"})
    assert (again.status, again.json["type"]) == (409, "urn:gdial:conflict")
    assert 'said as "Jo"; change that entry' in again.json["detail"]
    assert (await api.post("/api/lexicon", {**HJO, "language": "en"})).status == 201


async def test_what_cannot_be_used_is_told(quick_api: Api) -> None:
    for changes, field in (
        ({"written": " \U0001f600 "}, "written"),
        ({"spoken": ""}, "spoken"),
        ({"spoken": "{name}"}, "spoken"),
        ({"written": "a" * 81}, "written"),
        ({"language": "svenska!"}, "language"),
    ):
        answer = await quick_api.post("/api/lexicon", {**HJO, **changes})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    marked_up = await quick_api.make("/api/lexicon", {**HJO, "spoken": "<b>Jo</b>\u200b"})
    assert marked_up["spoken"] == "Jo"


async def test_a_changed_lexicon_makes_new_audio_and_only_where_its_word_stands(api: Api, runtime: Runtime) -> None:
    other = SpeechRequest("Skolan är stängd.", "sv")
    first, unchanged = await runtime.speech.prepare(TEXT), await runtime.speech.prepare(other)
    made = await api.make("/api/lexicon", HJO)
    second = await runtime.speech.prepare(TEXT)
    assert (second.name != first.name, (await runtime.speech.prepare(other)).name) == (True, unchanged.name)
    as_said = await runtime.speech.prepare(SpeechRequest("Mötet är i Jo klockan arton.", "sv"))
    assert second.name == as_said.name, "what is said is what is spoken"
    await api.ask("DELETE", f"/api/lexicon/{made['id']}")
    assert (await runtime.speech.prepare(TEXT)).name == first.name


async def test_another_process_learns_it_when_it_speaks(api: Api, runtime: Runtime) -> None:
    await api.make("/api/lexicon", HJO)
    async with opened_runtime(runtime.settings) as other:
        await other.speech.lexicon.refresh()
        assert other.speech.name_for(TEXT) == runtime.speech.name_for(TEXT)
        assert other.speech.lexicon.current == runtime.speech.lexicon.current
