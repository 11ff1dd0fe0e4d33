"""What is started on the board goes to one network alone: a drill to the simulated one, a real run to the carrier."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import Press
from gdial.simulator.server import Simulator, running_simulator
from gdial.speech.base import SpeechRequest
from tests.support.organisation import Organisation, organisation_over

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
NUMBERS = [f"+4670174{place:04}" for place in range(605, 610)]
FORM = {
    "what": "text",
    "text": "Det brinner. Tryck 1.",
    "key": "1",
    "label": "Kommer",
    "reply": "Tack.",
    "rounds": "1",
    "pasted_list": "\n".join(f"Person {number[-2:]}, {number}" for number in NUMBERS),
}


@dataclass
class Ear:
    """Listens where nobody should speak; `heard` is every byte and every connection."""

    url: str
    heard: int = 0


@asynccontextmanager
async def listening() -> AsyncIterator[Ear]:
    ear = Ear("")

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ear.heard += 1
        ear.heard += len(await reader.read(65536))
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    ear.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield ear


@asynccontextmanager
async def office(folder: Path, **networks: str) -> AsyncIterator[tuple[Organisation, Simulator]]:
    async with running_simulator(SimulatorOptions(speed=50)) as simulator:
        for number in NUMBERS:
            simulator.phones.script(number, Press(keys={"1": 1.0}))
        bases: dict[str, Any] = {name: base or simulator.base_url for name, base in networks.items()}
        async with organisation_over(simulator, folder, **bases) as organisation:
            yield organisation, simulator


async def start_on_the_board(organisation: Organisation, preset: str) -> str:
    """The id of a run that was started as a person does it."""
    page = await ask(organisation, "/runs/new", {**FORM, "preset": preset})
    fields = [(name, unescape(value)) for name, value in HIDDEN.findall(page["text"])]
    started = await ask(organisation, "/runs/new/start", [*fields, ("do", "start")])
    assert started["status"] == 303, started["text"]
    return str(started["location"]).removeprefix("/runs/")


async def ask(organisation: Organisation, path: str, data: Any) -> dict[str, Any]:
    headers = {"Accept": "text/html", "Accept-Language": "sv"}
    url = organisation.base_url + path
    async with organisation.session.post(url, data=data, headers=headers, allow_redirects=False) as answer:
        return {
            "status": answer.status,
            "text": await answer.text(),
            "location": answer.headers.get("Location", ""),
        }


async def test_a_drill_sends_no_byte_to_the_carrier_and_says_what_it_is(tmp_path: Path) -> None:
    async with (
        listening() as ear,
        office(tmp_path, twilio_api_base=ear.url, drill_api_base="") as (organisation, drill),
    ):
        before = ear.heard
        run_id = await start_on_the_board(organisation, "drill")
        done = await organisation.wait_until(run_id, "done")
        assert done["counts"]["reached"] == len(NUMBERS)
        assert ear.heard == before
        assert len(drill.ledger()["calls"]) == len(NUMBERS)
        word = organisation.runtime.speech.name_for(SpeechRequest(f"Det här är en övning. {FORM['text']}", "sv"))
        for call in drill.ledger()["calls"]:
            assert word in call["heard"][0]["url"], "the first thing in the ear is that it is a drill"


async def test_a_real_run_sends_no_byte_to_the_simulated_network(tmp_path: Path) -> None:
    async with listening() as ear, office(tmp_path, twilio_api_base="", drill_api_base=ear.url) as (organisation, real):
        before = ear.heard
        run_id = await start_on_the_board(organisation, "alarm")
        done = await organisation.wait_until(run_id, "done")
        assert done["counts"]["reached"] == len(NUMBERS)
        assert ear.heard == before
        assert len(real.ledger()["calls"]) == len(NUMBERS)
