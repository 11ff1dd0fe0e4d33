"""A key that is pressed while the database is away: promised with the answer to it, and kept."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from gdial.actions.run_content import own_content
from gdial.actions.webhook_links import press_link, status_link, voice_link
from gdial.dialing.states import RunMode
from gdial.settings.places import kept_keys_folder
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import NoAnswer
from gdial.simulator.server import running_simulator
from gdial.storage import runs
from tests.support.carrier_posts import post_as_carrier
from tests.support.organisation import Organisation, organisation_over, running_organisation

# The file is locked by another program; test_database_away has a PostgreSQL that is away.
pytestmark = pytest.mark.embedded

NUMBER = "+46701740605"
WITHIN_SECONDS = 5.0


class Call:
    """One that rings and rings, so that the test speaks for the carrier."""

    def __init__(self, organisation: Organisation, run_id: str, sid: str, voice: str, press: str, status: str) -> None:
        self.organisation = organisation
        self.run_id = run_id
        self.sid = sid
        self.voice = voice
        self.press_url = press
        self.status_url = status.split("#")[0]

    async def fetch(self, url: str, **form: str) -> tuple[int, str]:
        """As the carrier does, which waits for so long."""
        began_at = time.monotonic()
        answer = await post_as_carrier(self.organisation, url, {"CallSid": self.sid, **form})
        assert time.monotonic() - began_at < WITHIN_SECONDS
        return answer

    async def press(self, digits: str) -> str:
        status, script = await self.fetch(self.press_url, Digits=digits)
        assert status == 200
        return script

    async def person(self) -> tuple[str | None, str | None]:
        person = (await self.organisation.recipients(self.run_id))["Anna Ek"]
        return person["outcome"], person["answer"]

    async def until_answered(self) -> str | None:
        async with asyncio.timeout(60):
            while True:
                _, answer = await self.person()
                if answer is not None:
                    return answer
                await asyncio.sleep(0.05)


async def ringing_call(organisation: Organisation) -> Call:
    organisation.simulator.phones.script(NUMBER, NoAnswer())
    group = await organisation.import_people({"Anna Ek": [NUMBER]})
    run = await organisation.start_run(group, policy={"ring_timeout_seconds": 600, "rounds": 1})
    call = await organisation.simulator.wait_for(lambda call: call.status == "ringing")
    (attempt,) = await organisation.calls(run["id"])
    rt, attempt_id = organisation.runtime, UUID(attempt["id"])
    async with rt.database.reading() as tx:
        stored = await runs.get(tx, UUID(run["id"]))
    press = press_link(rt, RunMode.REAL, attempt_id, 0, own_content(stored))
    status = status_link(rt, RunMode.REAL, attempt_id)
    return Call(organisation, run["id"], call.sid, voice_link(rt, stored, attempt_id), press, status)


@asynccontextmanager
async def locked(organisation: Organisation) -> AsyncIterator[None]:
    """Another program writes to the database, and does not end."""
    database = sqlite3.connect(organisation.runtime.settings.data_dir / "gdial.db", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
        database.close()


def redirect_in(script: str) -> str:
    return script.split("<Redirect")[1].split(">")[1].split("<")[0].replace("&amp;", "&")


async def test_a_locked_database_costs_no_key(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        call = await ringing_call(organisation)
        async with locked(organisation):
            script = await call.press("1")
            assert "<Pause" in script
            assert kept_files(organisation)
            assert "<Redirect" in await call.press("2")  # the first answer stands
        assert await call.until_answered() == "1"
        assert "Tack" in await said_at_last(call, redirect_in(script))
        assert await call.person() == ("reached", "1")
        await until_none_is_kept(organisation)


def kept_files(organisation: Organisation) -> list[Path]:
    return list(kept_keys_folder(organisation.runtime.settings).glob("*.jsonl"))


async def until_none_is_kept(organisation: Organisation) -> None:
    async with asyncio.timeout(10):
        while True:
            if not kept_files(organisation):
                return
            await asyncio.sleep(0.05)


async def said_at_last(call: Call, url: str) -> str:
    """The answer is thanked for as ever: with the message's own words, or their sound."""
    status, script = await call.fetch(url)
    assert status == 200
    assert "<Hangup" in script
    return "Tack" if "<Play" in script or "Tack" in script else script


async def test_a_star_that_is_kept_takes_no_answers_place(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        call = await ringing_call(organisation)
        async with locked(organisation):
            assert "<Pause" in await call.press("*")
            assert "<Pause" in await call.press("1")
        assert await call.until_answered() == "1"
        assert await call.person() == ("reached", "1")


async def test_a_key_counts_before_what_the_carrier_says_after_it(tmp_path: Path) -> None:
    """The word that the call is over arrives in the very moment in which the database is back."""
    async with running_organisation(tmp_path) as organisation:
        call = await ringing_call(organisation)
        async with locked(organisation):
            await call.press("2")
            ending = asyncio.create_task(call.fetch(call.status_url, CallStatus="completed"))
            await asyncio.sleep(0)
        status, _ = await ending
        assert status in (204, 503)
        assert await call.until_answered() == "2"
        assert (await call.person())[0] == "reached"


async def test_a_kept_key_counts_after_a_power_cut(tmp_path: Path) -> None:
    """All that is left is what was on the disk before the database was back, with a torn last line."""
    async with running_simulator(SimulatorOptions(speed=50)) as simulator:
        async with organisation_over(simulator, tmp_path / "before") as organisation:
            call = await ringing_call(organisation)
            async with locked(organisation):
                await call.press("1")
                shutil.copytree(tmp_path / "before", tmp_path / "after")
            await organisation.call_api("POST", f"/api/runs/{call.run_id}/stop", json={"hang_up": True})
            await organisation.wait_until(call.run_id, "stopped")
        tear(tmp_path / "after" / "kept-keys")
        async with organisation_over(simulator, tmp_path / "after") as organisation:
            call.organisation = organisation
            assert await call.until_answered() == "1"
            assert await call.person() == ("reached", "1")
            await until_none_is_kept(organisation)


def tear(folder: Path) -> None:
    with (folder / next(file.name for file in folder.glob("*.jsonl"))).open("ab") as file:
        file.write(b'{"call":"5e3')


async def test_at_last_something_kind_is_said_in_the_persons_language(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        call = await ringing_call(organisation)
        async with locked(organisation):
            answers = await asyncio.gather(
                *(call.fetch(f"{call.voice}&waits={waits}") for waits in (1, 5)),
                *(call.fetch(f"{call.press_url}&waits=5", Digits=digits) for digits in ("1", "9", "")),
            )
        (again, gone, thanked, unlisted, silent) = (script for status, script in answers if status == 200)
        assert "Ett ögonblick, tack." in again
        assert "<Redirect" in again
        for script, words in (
            (gone, "Meddelandet kan inte läsas upp just nu."),
            (thanked, "Tack för svaret."),
            (unlisted, "Den knappen gäller inte."),
            (silent, "Vi hörde inget svar."),
        ):
            assert words in script
            assert 'language="sv-SE"' in script
            assert "<Hangup" in script
            assert "<Redirect" not in script
