"""A call-out that plays a recording before and after what is spoken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import Press
from gdial.speech.mulaw import pack_wav
from tests.support.organisation import ON_BOTH_DATABASES, Organisation, running_organisation
from tests.unit.speech.recording_files import tone

NUMBER = "+46701740601"
SAID = "Det här är larmtjänsten."
SECONDS = 3.0
SLOWER = SimulatorOptions(speed=10)
"""On a busy machine, who hears everything first would press too late."""


async def record(organisation: Organisation) -> str:
    form = aiohttp.FormData({"name": "larm", "text": SAID, "language": "sv"})
    form.add_field("file", pack_wav(tone(SECONDS, 8_000)), filename="larm.wav")
    return str((await organisation.call_api("POST", "/api/recordings", 201, data=form))["audio_url"]).split("/")[-1]


@ON_BOTH_DATABASES
async def test_a_recorded_frame_is_heard_around_a_spoken_middle(
    tmp_path: Path, database_settings: dict[str, Any]
) -> None:
    async with running_organisation(tmp_path, SLOWER, **database_settings) as organisation:
        audio_name = await record(organisation)
        organisation.simulator.phones.script(NUMBER, Press(hears_all=True, presses_after_seconds=(1, 2)))
        group = await organisation.import_people({"Anna Ek": [NUMBER]})
        text = "{recording:larm} Hej {first_name}! Tryck 1 om du kommer. {recording:larm}"
        run = await organisation.start_run(group, text=text)
        done = await organisation.wait_until(run["id"], "done")
        assert done["answers"] == {"1": 1}
        (call,) = organisation.simulator.ledger()["calls"]
        played = [piece for piece in call["heard"] if piece["kind"] == "play"]
        names = played[0]["url"].rsplit("/", 1)[1].split("-")
        assert (names[0], names[-1], len(names)) == (audio_name, audio_name, 4)
        assert played[0]["seconds"] > 2 * SECONDS + 2
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])


async def test_a_voice_says_what_is_in_it_where_no_sound_can_be_had(tmp_path: Path) -> None:
    async with running_organisation(tmp_path, SLOWER) as organisation:
        await record(organisation)
        audio = tmp_path / "audio"
        for piece in audio.iterdir():
            piece.unlink()
        audio.rmdir()
        audio.write_text("a file where the audio folder should be")
        organisation.simulator.phones.script(NUMBER, Press(hears_all=True, presses_after_seconds=(1, 2)))
        group = await organisation.import_people({"Anna Ek": [NUMBER]})
        run = await organisation.start_run(group, text="{recording:larm} Tryck 1 om du kommer.")
        done = await organisation.wait_until(run["id"], "done")
        assert done["answers"] == {"1": 1}
        (call,) = organisation.simulator.ledger()["calls"]
        assert [piece["text"] for piece in call["heard"] if piece["kind"] == "say"][:2] == [
            SAID,
            "Tryck 1 om du kommer.",
        ]
