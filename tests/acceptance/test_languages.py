"""Everybody is spoken to in their own language, and may hear it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gdial.simulator.people.behaviours import Press
from gdial.speech.base import SpeechRequest
from tests.support.organisation import QUICK_POLICY, Organisation, running_organisation

ANNA, JOHN, JUHA, BO = "+46701740605", "+46701740606", "+46701740607", "+46701740608"
WORDS = {
    "name": "Brand",
    "text": "Det brinner. Tryck 1 om du kommer.",
    "language": "sv",
    "responses": {"1": {"label": "Kommer", "reply": "Tack, vi ses."}},
    "translations": {
        "en": {
            "text": "It burns. Press 1 if you are coming.",
            "responses": {"1": {"label": "Coming", "reply": "Thanks, see you."}},
        }
    },
}
IN_SWEDISH = [("Det brinner. Tryck 1 om du kommer.", "sv"), ("Tack, vi ses.", "sv")]
IN_ENGLISH = [("It burns. Press 1 if you are coming.", "en"), ("Thanks, see you.", "en")]


@pytest.fixture
async def organisation(tmp_path: Path) -> AsyncIterator[Organisation]:
    async with running_organisation(tmp_path) as running:
        yield running


async def invite(organisation: Organisation, name: str, number: str, language: str | None, **behaviour: Any) -> str:
    presses = Press(keys={"1": 1.0}, hears_all=True, presses_after_seconds=(1, 1), **behaviour)
    organisation.simulator.phones.script(number, presses)
    person = {"name": name, "phone_numbers": [{"number": number}], "language": language}
    made = await organisation.call_api("POST", "/api/contacts", 201, json=person)
    return str(made["id"])


def heard_by(organisation: Organisation, number: str) -> list[str]:
    (call,) = [call for call in organisation.simulator.ledger()["calls"] if call["to"] == number]
    return [name for piece in call["heard"] for name in piece["url"].rpartition("/")[2].split("-")]


def names_of(organisation: Organisation, said: list[tuple[str, str]]) -> list[str]:
    speech = organisation.runtime.speech
    return [speech.name_for(SpeechRequest(text, language)) for text, language in said]


async def ring(organisation: Organisation, people: list[str], **wish: Any) -> Any:
    body = {"name": "Brand", "contact_ids": people, "policy": QUICK_POLICY, **wish}
    started = await organisation.call_api("POST", "/api/runs", 202, json=body)
    return await organisation.wait_until(started["id"], "done")


async def test_each_person_hears_text_and_reply_in_their_language(organisation: Organisation) -> None:
    people = [
        await invite(organisation, "Anna Ek", ANNA, None),
        await invite(organisation, "John Doe", JOHN, "en-US"),
        await invite(organisation, "Juha Niemi", JUHA, "fi"),
        await invite(organisation, "Bo Dahl", BO, "sv"),
    ]
    message = await organisation.call_api("POST", "/api/messages", 201, json=WORDS)

    run = await ring(organisation, people, message_id=message["id"])

    assert run["answers"] == {"1": 4}
    assert heard_by(organisation, JOHN) == names_of(organisation, IN_ENGLISH)
    for number in (ANNA, JUHA, BO):
        assert heard_by(organisation, number) == names_of(organisation, IN_SWEDISH)
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])


async def test_a_text_given_with_the_run_has_languages_too(organisation: Organisation) -> None:
    people = [await invite(organisation, "John Doe", JOHN, "en")]
    said = {name: WORDS[name] for name in ("text", "language", "responses", "translations")}

    run = await ring(organisation, people, **said)

    assert run["translations"] == WORDS["translations"]
    assert heard_by(organisation, JOHN) == names_of(organisation, IN_ENGLISH)


async def test_a_message_changed_meanwhile_changes_no_run(organisation: Organisation) -> None:
    people = [await invite(organisation, "John Doe", JOHN, "en")]
    message = await organisation.call_api("POST", "/api/messages", 201, json=WORDS)
    later = {"name": "Brand", "message_id": message["id"], "contact_ids": people, "scheduled_at": "2099-01-01T00:00Z"}
    started = await organisation.call_api("POST", "/api/runs", 202, json=later)
    path = f"/api/messages/{message['id']}"
    await organisation.call_api("PATCH", path, json={"translations": {}, "text": "Något annat."})
    assert (await organisation.show(started["id"]))["translations"] == WORDS["translations"]


async def test_a_star_says_the_message_again(organisation: Organisation) -> None:
    people = [await invite(organisation, "John Doe", JOHN, "en", wrong_keys={"*": 1.0})]
    message = await organisation.call_api("POST", "/api/messages", 201, json=WORDS)

    run = await ring(organisation, people, message_id=message["id"])

    (call,) = organisation.simulator.ledger()["calls"]
    assert call["digits"] == "*1"
    assert heard_by(organisation, JOHN) == names_of(organisation, [IN_ENGLISH[0], *IN_ENGLISH])
    assert run["answers"] == {"1": 1}
