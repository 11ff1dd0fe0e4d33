"""Who finds a missed call rings back: a polite voice, the message that was for them, and an answer that counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from gdial.simulator.people.behaviours import NoAnswer
from gdial.speech.base import SpeechRequest
from gdial.storage.tables import inbound_calls
from tests.support.carrier_posts import post_as_carrier
from tests.support.organisation import AUTH_TOKEN, OUR_NUMBER, Organisation, running_organisation

ANNA, BO, STRANGER = "+46701740605", "+46701740606", "+46701740699"
TEXT = "Hej {first_name}! Det brinner. Tryck 1 om du kommer."
PATIENT = {"ring_timeout_seconds": 600, "deadline_minutes": 600}
UNKNOWN = "Hej. Från det här numret rings meddelanden ut. Just nu finns inget till dig. Hej då."
WE_RANG = "Vi har ringt dig. Här är meddelandet."
FIRE = "Det brinner. Tryck 1 om du kommer."


@pytest.fixture
async def organisation(tmp_path: Path) -> AsyncIterator[Organisation]:
    async with running_organisation(tmp_path) as running:
        await running.call_api("PUT", "/api/settings/organisation_name", json={"value": "Centralarkivet"})
        for number in (ANNA, BO):
            running.simulator.phones.script(number, *[NoAnswer()] * 20)
        yield running


class Caller:
    """A person's own call to us, as the carrier tells of it; signed by the vendor's own package."""

    def __init__(self, organisation: Organisation, number: str) -> None:
        self.organisation = organisation
        self.form = {"CallSid": f"CA{uuid4().hex}", "From": number, "To": OUR_NUMBER, "Direction": "inbound"}
        self.script = ""

    async def post(self, url: str, form: Mapping[str, str], *, signed_with: str = AUTH_TOKEN) -> tuple[int, str]:
        return await post_as_carrier(self.organisation, url, form, token=signed_with)

    async def rings(self) -> list[str]:
        """What is heard."""
        status, self.script = await self.post(f"{self.organisation.base_url}/voice", self.form)
        assert status == 200
        return self.heard

    async def presses(self, digits: str) -> list[str]:
        status, self.script = await self.post(self.next_url, {**self.form, "Digits": digits})
        assert status == 200
        return self.heard

    @property
    def next_url(self) -> str:
        return self.script.split('action="')[1].split('"')[0].replace("&amp;", "&")

    @property
    def may_answer(self) -> bool:
        return "<Gather" in self.script

    @property
    def heard(self) -> list[str]:
        """The names of the pieces."""
        urls = [piece.split("</Play>")[0] for piece in self.script.split("<Play>")[1:]]
        return [name for url in urls for name in url.rpartition("/")[2].split("-")]


def pieces(organisation: Organisation, *texts: str, language: str = "sv") -> list[str]:
    speech = organisation.runtime.speech
    return [speech.name_for(SpeechRequest(text, language)) for text in texts]


async def ringing_run(organisation: Organisation, group: str, at_least: int = 1, **wish: Any) -> str:
    """A run whose first call rings and rings."""
    run = await organisation.start_run(group, **{"text": TEXT, "policy": PATIENT} | wish)
    await organisation.calls_placed(at_least)
    return str(run["id"])


async def test_who_rings_back_hears_the_message_and_the_answer_counts(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await ringing_run(organisation, group)
    await organisation.simulator.wait_for(lambda call: call.status == "ringing")
    caller = Caller(organisation, ANNA)

    heard = await caller.rings()
    assert heard == pieces(organisation, "Det här är Centralarkivet.", WE_RANG, "Hej Anna!", FIRE)
    assert await caller.presses("1") == pieces(organisation, "Tack.")

    shown = await organisation.wait_until(run, "done")
    assert shown["answers"] == {"1": 1}
    person = (await organisation.recipients(run))["Anna Ek"]
    assert (person["outcome"], person["reason"], person["answer"]) == ("reached", "rang back", "1")
    (row,) = organisation.simulator.ledger()["calls"]
    assert row["status"] == "canceled", "the call that rang meanwhile is hung up"
    assert organisation.rung() == {ANNA: 1}
    await organisation.assert_nobody_lost_or_rung_twice(run)


async def test_a_replay_hears_the_same_and_changes_nothing(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await ringing_run(organisation, group)
    caller = Caller(organisation, ANNA)
    first = await caller.rings()
    assert await caller.rings() == first
    url = caller.next_url
    thanks = await caller.presses("1")
    for digits in ("1", "2", ""):
        status, again = await caller.post(url, {**caller.form, "Digits": digits})
        assert (status, again) == (200, caller.script)
    assert caller.heard == thanks
    assert (await organisation.recipients(run))["Anna Ek"]["answer"] == "1"
    async with organisation.runtime.database.reading() as tx:
        assert (await tx.execute(select(func.count()).select_from(inbound_calls))).scalar_one() == 1


@pytest.mark.parametrize("before", ["*", "9", ""])
async def test_an_answer_counts_where_only_a_star_a_wrong_key_or_silence_came_before(
    organisation: Organisation, before: str
) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await ringing_run(organisation, group)
    caller = Caller(organisation, ANNA)
    await caller.rings()
    url = caller.next_url
    await caller.presses(before)
    for digits in ("1", before, "2"):
        assert (await caller.post(url, {**caller.form, "Digits": digits}))[0] == 200
        assert (await organisation.recipients(run))["Anna Ek"]["answer"] == "1"


async def test_a_star_repeats_and_silence_asks_again(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    await ringing_run(organisation, group)
    caller = Caller(organisation, ANNA)
    await caller.rings()
    message = pieces(organisation, "Hej Anna!", FIRE)
    assert await caller.presses("*") == message
    assert await caller.presses("") == message
    assert await caller.presses("7") == [*pieces(organisation, "Den knappen gäller inte."), *message]
    assert await caller.presses("") == pieces(organisation, "Vi hörde inget svar. Hej då.")
    assert not caller.may_answer


@pytest.mark.parametrize("number", [STRANGER, "anonymous", "", "+266696687"])
async def test_an_unknown_number_hears_a_sentence_that_can_be_set(organisation: Organisation, number: str) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    await ringing_run(organisation, group)
    caller = Caller(organisation, number)
    assert await caller.rings() == pieces(organisation, "Det här är Centralarkivet.", UNKNOWN)
    assert not caller.may_answer
    own = "Ring växeln."
    await organisation.call_api("PUT", "/api/settings/ring_back_unknown_sv", json={"value": own})
    assert (await Caller(organisation, number).rings())[1:] == pieces(organisation, own)


async def test_two_who_share_a_number_hear_no_name_and_both_may_answer(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA], "Elsa Ek": [ANNA]})
    run = await ringing_run(organisation, group)
    for key in ("1", "2"):
        caller = Caller(organisation, ANNA)
        assert (await caller.rings())[1:] == pieces(organisation, WE_RANG, FIRE)
        await caller.presses(key)
    shown = await organisation.wait_until(run, "done")
    assert shown["answers"] == {"1": 1, "2": 1}
    third = Caller(organisation, ANNA)
    assert (await third.rings())[-1:] == pieces(organisation, "Vi har redan ditt svar. Tack. Hej då.")
    assert not third.may_answer


async def test_the_latest_run_is_the_one_that_is_told(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    first = await ringing_run(organisation, group)
    await organisation.call_api("POST", f"/api/runs/{first}/stop", json={"hang_up": True})
    await organisation.wait_until(first, "stopped")
    await ringing_run(organisation, group, 2, text="Det är släckt. Tryck 1.")
    assert (await Caller(organisation, ANNA).rings())[-1:] == pieces(organisation, "Det är släckt. Tryck 1.")


async def test_a_run_that_ended_is_told_for_as_long_as_is_set(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await ringing_run(organisation, group)
    await organisation.call_api("POST", f"/api/runs/{run}/stop", json={"hang_up": True})
    assert (await organisation.wait_until(run, "stopped"))["counts"]["stopped"] == 1

    caller = Caller(organisation, ANNA)
    await caller.rings()
    await caller.presses("1")
    shown = await organisation.show(run)
    assert (shown["counts"]["reached"], shown["counts"]["stopped"], shown["ledger_balances"]) == (1, 0, True)
    await organisation.call_api("PUT", "/api/settings/ring_back_hours", json={"value": 0})
    assert (await Caller(organisation, ANNA).rings())[1:] == pieces(organisation, UNKNOWN)


async def test_each_hears_their_own_language(organisation: Organisation) -> None:
    person = {"name": "John Doe", "phone_numbers": [{"number": BO}], "language": "en"}
    made = await organisation.call_api("POST", "/api/contacts", 201, json=person)
    words = {"text": "It burns. Press 1.", "responses": {"1": {"reply": "Thanks."}, "2": {}}}
    body = {"name": "Brand", "contact_ids": [made["id"]], "text": TEXT, "language": "sv", "policy": PATIENT}
    body |= {"responses": {"1": {"label": "Kommer"}, "2": {"label": "Kan inte"}}, "translations": {"en": words}}
    await organisation.call_api("POST", "/api/runs", 202, json=body)
    caller = Caller(organisation, BO)
    expected = ["This is Centralarkivet.", "We have called you. Here is the message.", "It burns. Press 1."]
    assert await caller.rings() == pieces(organisation, *expected, language="en")
    assert await caller.presses("1") == pieces(organisation, "Thanks.", language="en")


async def test_answers_can_be_switched_off(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await ringing_run(organisation, group)
    before = Caller(organisation, ANNA)
    await before.rings()
    await organisation.call_api("PUT", "/api/settings/ring_back_answers", json={"value": False})
    caller = Caller(organisation, ANNA)
    assert (await caller.rings())[-1:] == pieces(organisation, FIRE)
    assert not caller.may_answer
    await before.presses("1")
    assert (await organisation.recipients(run))["Anna Ek"]["outcome"] is None


async def test_an_announcement_that_was_heard_is_not_rung_again(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    policy = PATIENT | {"reached_when": "answered"}
    run = await ringing_run(organisation, group, responses={}, policy=policy)
    await Caller(organisation, ANNA).rings()
    await organisation.wait_until(run, "done")
    person = (await organisation.recipients(run))["Anna Ek"]
    assert (person["outcome"], person["reason"]) == ("reached", "rang back")


async def test_only_the_carrier_and_the_same_call_are_believed(organisation: Organisation) -> None:
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await ringing_run(organisation, group)
    caller = Caller(organisation, ANNA)
    voice = f"{organisation.base_url}/voice"
    assert (await caller.post(voice, caller.form, signed_with="somebody else's"))[0] == 403
    await caller.rings()
    pressed = {**caller.form, "Digits": "1"}
    token = caller.next_url.rpartition("=")[2]
    assert (await caller.post(caller.next_url, pressed, signed_with="somebody else's"))[0] == 403
    assert (await caller.post(caller.next_url.replace(token, "0" * len(token)), pressed))[0] == 403
    status, script = await caller.post(caller.next_url, {**pressed, "CallSid": f"CA{uuid4().hex}"})
    assert (status, "<Gather" in script, "<Hangup" in script) == (200, False, True)
    outgoing = {**caller.form, "CallSid": f"CA{uuid4().hex}", "Direction": "outbound-api"}
    status, script = await caller.post(voice, outgoing)
    assert (status, "<Gather" in script) == (200, False)
    assert (await organisation.recipients(run))["Anna Ek"]["outcome"] is None
