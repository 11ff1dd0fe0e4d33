"""What people hear is there before they are rung, and what somebody wants spoken is served, wherever it is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gdial.simulator import Press
from tests.support.organisation import Organisation, running_organisation

FIRST_NAMES = ("Anna", "Bo", "Karin")
PEOPLE = 6
SOON_SECONDS = 60.0


@pytest.fixture
async def organisation(tmp_path: Path, database_settings: dict[str, Any]) -> AsyncIterator[Organisation]:
    async with running_organisation(tmp_path, **database_settings) as running:
        yield running


ALONE_AND_TOGETHER = pytest.mark.parametrize("database_settings", ["sqlite", "classic"], indirect=True)
"""Everything in one process, and several with a folder each and a broker between them."""


@ALONE_AND_TOGETHER
async def test_everybody_hears_pieces_that_were_made_once(organisation: Organisation) -> None:
    crowd = {f"{FIRST_NAMES[place % 3]} Ek {place}": [f"+4670174{place:04}"] for place in range(PEOPLE)}
    for (number,) in crowd.values():
        organisation.simulator.phones.script(number, Press())
    group = await organisation.import_people(crowd)
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    answered = [call["heard"] for call in organisation.simulator.ledger()["calls"] if call["heard"]]
    assert {piece["kind"] for heard in answered for piece in heard} == {"play"}, answered
    messages = {heard[0]["url"].rpartition("/")[2] for heard in answered}
    assert len(messages) == len(FIRST_NAMES), "a greeting for each name, joined with the same rest"
    assert len({name.partition("-")[2] for name in messages}) == 1
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])


@ALONE_AND_TOGETHER
async def test_a_text_is_spoken_by_a_worker_and_served_by_the_web_process(organisation: Organisation) -> None:
    wanted = {"text": "Skolan är stängd i dag.", "language": "sv"}
    ticket = await organisation.call_api("POST", "/tts/jobs", 202, json=wanted)
    async with asyncio.timeout(SOON_SECONDS):
        while True:
            job = await organisation.call_api("GET", f"/tts/jobs/{ticket['job_id']}")
            if job["status"] in ("done", "failed"):
                break
            await asyncio.sleep(0.05)
    assert (job["status"], job["engine"]) == ("done", "espeak")
    # Fetched as a carrier does, without a login.
    async with organisation.session.get(
        organisation.base_url + job["audio_url"], headers={"Authorization": ""}
    ) as answer:
        sound = await answer.read()
        assert (answer.status, sound[:4], answer.headers["ETag"][:9]) == (200, b"RIFF", f'"{job["audio_url"][11:19]}')
