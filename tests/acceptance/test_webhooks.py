"""What comes in at the carrier's doors: only what the carrier signed, and only once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from gdial.actions.webhook_links import status_link, voice_link
from gdial.dialing.states import RunMode
from gdial.simulator.people.behaviours import NoAnswer, Press
from gdial.storage import runs
from tests.support.carrier_posts import post_as_carrier
from tests.support.organisation import Organisation, running_organisation

NUMBER = "+46701740605"
SID = "CA" + "1" * 32


@pytest.fixture
async def organisation(tmp_path: Path) -> AsyncIterator[Organisation]:
    async with running_organisation(tmp_path) as running:
        yield running


async def ringing_call(organisation: Organisation) -> tuple[str, str, str]:
    """(run, SID, the call's voice URL) of a call that rings and rings."""
    organisation.simulator.phones.script(NUMBER, NoAnswer())
    group = await organisation.import_people({"Anna Ek": [NUMBER]})
    run = await organisation.start_run(group, policy={"ring_timeout_seconds": 600})
    call = await organisation.simulator.wait_for(lambda call: call.status == "ringing")
    (attempt,) = await organisation.calls(run["id"])
    async with organisation.runtime.database.reading() as tx:
        stored = await runs.get(tx, UUID(run["id"]))
    return run["id"], call.sid, voice_link(organisation.runtime, stored, UUID(attempt["id"]))


async def answer_of(organisation: Organisation, run_id: str) -> tuple[str | None, str | None]:
    person = (await organisation.recipients(run_id))["Anna Ek"]
    return person["outcome"], person["answer"]


async def pressing(organisation: Organisation, voice_url: str, sid: str) -> str:
    """The URL to which the first key goes."""
    status, script = await post_as_carrier(organisation, voice_url, {"CallSid": sid})
    assert status == 200
    assert "<Gather" in script
    return script.split('action="')[1].split('"')[0].replace("&amp;", "&")


async def test_a_forged_webhook_changes_nothing_and_gets_403(organisation: Organisation) -> None:
    run, sid, url = await ringing_call(organisation)
    press = await pressing(organisation, url, sid)
    for forged in (url, press, url.replace("custom-voice", "call-status")):
        form = {"CallSid": sid, "Digits": "1", "CallStatus": "completed"}
        assert (await post_as_carrier(organisation, forged, form, token="somebody else's"))[0] == 403
        async with organisation.session.post(forged, data=form) as unsigned:
            assert unsigned.status == 403
    assert await answer_of(organisation, run) == (None, None)


async def test_another_attempts_token_is_refused_although_signed(organisation: Organisation) -> None:
    run, sid, url = await ringing_call(organisation)
    press = await pressing(organisation, url, sid)
    token = parse_qs(urlsplit(press).query)["token"][0]
    status, _ = await post_as_carrier(
        organisation, press.replace(token, "0" * len(token)), {"CallSid": sid, "Digits": "1"}
    )
    assert status == 403
    assert await answer_of(organisation, run) == (None, None)


async def test_a_replayed_press_changes_nothing_and_gets_the_same_answer(organisation: Organisation) -> None:
    run, sid, url = await ringing_call(organisation)
    press = await pressing(organisation, url, sid)
    first = await post_as_carrier(organisation, press, {"CallSid": sid, "Digits": "1"})
    assert await answer_of(organisation, run) == ("reached", "1")
    for digits in ("1", "2", ""):
        assert await post_as_carrier(organisation, press, {"CallSid": sid, "Digits": digits}) == first
    assert await answer_of(organisation, run) == ("reached", "1")


@pytest.mark.parametrize("before", ["*", "9", ""])
async def test_an_answer_counts_where_only_a_star_a_wrong_key_or_silence_came_before(
    organisation: Organisation, before: str
) -> None:
    """The carrier lost what followed that, and gave the same prompt again."""
    run, sid, url = await ringing_call(organisation)
    press = await pressing(organisation, url, sid)
    assert "<Gather" in (await post_as_carrier(organisation, press, {"CallSid": sid, "Digits": before}))[1]
    thanks = await post_as_carrier(organisation, press, {"CallSid": sid, "Digits": "1"})
    assert "<Gather" not in thanks[1]
    assert await answer_of(organisation, run) == ("reached", "1")
    for digits in (before, "2", "1"):
        assert await post_as_carrier(organisation, press, {"CallSid": sid, "Digits": digits}) == thanks
    assert await answer_of(organisation, run) == ("reached", "1")


async def test_a_late_status_never_undoes_a_result(organisation: Organisation) -> None:
    run, sid, url = await ringing_call(organisation)
    press = await pressing(organisation, url, sid)
    (attempt,) = await organisation.calls(run)
    callback, _ = status_link(organisation.runtime, RunMode.REAL, UUID(attempt["id"])).split("#")
    await post_as_carrier(organisation, press, {"CallSid": sid, "Digits": "2"})
    for word in ("completed", "ringing", "no-answer", "in-progress", "queued"):
        status, _ = await post_as_carrier(organisation, callback, {"CallSid": sid, "CallStatus": word})
        assert status == 204
    assert await answer_of(organisation, run) == ("reached", "2")
    (row,) = await organisation.calls(run)
    assert row["status"] == "completed"


async def test_an_unknown_call_is_ended_politely(organisation: Organisation) -> None:
    _, sid, url = await ringing_call(organisation)
    attempt = parse_qs(urlsplit(url).query)["attempt"][0]
    for unknown, call_sid in (
        (url.replace(attempt, str(uuid4())), sid),
        (f"{organisation.base_url}/voice", sid),
        (url, SID),
    ):
        status, script = await post_as_carrier(organisation, unknown, {"CallSid": call_sid})
        assert status == 200
        assert "<Say" in script
        assert "<Hangup" in script
        assert "<Gather" not in script


async def test_a_key_after_the_run_was_stopped_still_counts(organisation: Organisation) -> None:
    run, sid, url = await ringing_call(organisation)
    press = await pressing(organisation, url, sid)
    await organisation.call_api("POST", f"/api/runs/{run}/stop", json={"hang_up": True})
    stopped = await organisation.wait_until(run, "stopped")
    assert stopped["counts"]["stopped"] == 1
    await post_as_carrier(organisation, press, {"CallSid": sid, "Digits": "1"})
    shown = await organisation.show(run)
    assert (shown["counts"]["reached"], shown["counts"]["stopped"], shown["ledger_balances"]) == (1, 0, True)


async def test_rubbish_at_the_doors_is_refused_in_words(organisation: Organisation) -> None:
    _, sid, url = await ringing_call(organisation)
    press = await pressing(organisation, url, sid)
    status, text = await post_as_carrier(
        organisation, press.replace("step=0", "step=abc"), {"CallSid": sid, "Digits": "1"}
    )
    assert (status, "step" in text) == (400, True)
    assert (await post_as_carrier(organisation, url, {"Nothing": "here"}))[0] == 400
    async with organisation.session.get(url) as got:
        assert got.status == 405


async def test_audio_is_served_whole_in_ranges_and_unchanging(organisation: Organisation) -> None:
    organisation.simulator.phones.script(NUMBER, Press(hears_all=True))
    group = await organisation.import_people({"Anna Ek": [NUMBER]})
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    heard = organisation.simulator.ledger()["calls"][0]["heard"]
    url = heard[0]["url"]
    async with organisation.session.get(url, headers={"Authorization": ""}) as whole:
        body, etag = await whole.read(), whole.headers["ETag"]
        assert (whole.status, whole.content_type, body[:4]) == (200, "audio/wav", b"RIFF")
        assert "immutable" in whole.headers["Cache-Control"]
    async with organisation.session.get(url, headers={"If-None-Match": etag}) as unchanged:
        assert unchanged.status == 304
    async with organisation.session.get(url, headers={"Range": "bytes=0-3"}) as part:
        assert (part.status, await part.read()) == (206, b"RIFF")
    wrong = url[:-1] + ("0" if url[-1] != "0" else "1")
    async with organisation.session.get(wrong) as missing:
        assert missing.status == 404
