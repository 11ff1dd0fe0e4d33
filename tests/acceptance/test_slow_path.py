"""Promise 7: the slow path fails small. A part that is away costs quality or a moment, never the call."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from uuid import UUID

from gdial.actions.webhook_links import status_link, voice_link
from gdial.dialing.states import RunMode
from gdial.simulator.people.behaviours import NoAnswer, Press
from gdial.storage import runs
from gdial.storage.database import Database
from gdial.storage.migrate import upgrade
from tests.support.carrier_posts import post_as_carrier
from tests.support.organisation import running_organisation
from tests.support.services import private_postgres

NUMBER = "+46701740605"


async def test_without_any_voice_the_carrier_says_the_message(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        audio = tmp_path / "audio"
        shutil.rmtree(audio)
        audio.write_text("a file where the audio folder should be")
        organisation.simulator.phones.script(NUMBER, Press(hears_all=True))
        group = await organisation.import_people({"Anna Ek": [NUMBER]})
        run = await organisation.start_run(group)
        done = await organisation.wait_until(run["id"], "done")
        assert done["answers"] == {"1": 1}
        (call,) = organisation.simulator.ledger()["calls"]
        said = [piece for piece in call["heard"] if piece["kind"] == "say"]
        assert len(said) == len(call["heard"])
        assert said[0]["text"] == "Hej Anna!"
        assert {piece["language"] for piece in said} == {"sv-SE"}


async def test_a_database_that_is_away_keeps_the_caller_on_the_line(tmp_path: Path) -> None:
    with private_postgres() as server:
        url = server.create_database()
        database = Database(url)
        await upgrade(database)
        await database.close()
        async with running_organisation(tmp_path, database_url=url) as organisation:
            organisation.simulator.phones.script(NUMBER, NoAnswer())
            group = await organisation.import_people({"Anna Ek": [NUMBER]})
            run = await organisation.start_run(group, policy={"ring_timeout_seconds": 600})
            call = await organisation.simulator.wait_for(lambda call: call.status == "ringing")
            (attempt,) = await organisation.calls(run["id"])
            async with organisation.runtime.database.reading() as tx:
                stored = await runs.get(tx, UUID(run["id"]))
            voice = voice_link(organisation.runtime, stored, UUID(attempt["id"]))
            callback, _ = status_link(organisation.runtime, RunMode.REAL, UUID(attempt["id"])).split("#")

            server.server.kill()
            status, script = await post_as_carrier(organisation, voice, {"CallSid": call.sid})
            assert status == 200
            assert "<Pause" in script
            assert "<Redirect" in script
            again = script.split("<Redirect")[1].split(">")[1].split("<")[0].replace("&amp;", "&")
            status, _ = await post_as_carrier(organisation, callback, {"CallSid": call.sid, "CallStatus": "ringing"})
            assert status == 503

            server.server.start()
            async with asyncio.timeout(60):
                while "<Gather" not in script:
                    await asyncio.sleep(0.1)  # the pause that the script asks for, only shorter
                    _, script = await post_as_carrier(organisation, again, {"CallSid": call.sid})
            await organisation.call_api("POST", f"/api/runs/{run['id']}/stop", json={"hang_up": True})
            await organisation.wait_until(run["id"], "stopped")
