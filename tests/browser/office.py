"""A whole GDial as a process of its own, over a telephone network whose people are known, and who works there."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, StorageState

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import Busy, NoAnswer, Press, Voicemail
from gdial.simulator.people.profile import Person, Profile
from gdial.simulator.server import Simulator, running_simulator
from tests.browser.windows import Window, Windows
from tests.support.organisation import Organisation
from tests.support.serving import ServingProcess, environment_of, serving

PASSWORD = "a password of many words"
CROWD = 500
CLASS = 60
SILENT = 6
KEYS = {"1": {"label": "Kommer", "reply": "Tack."}, "2": {"label": "Kan inte", "reply": "Tack ändå."}}
WORDS = "Det brinner i centralarkivet. Tryck 1 om du kommer, tryck 2 om du inte kan."
FIRST = ("Karin", "Nils", "Åsa", "Lars", "Birgitta", "Anders", "Maj", "Göran", "Sara", "Erik")
LAST = ("Öst", "Berg", "Lindqvist", "Åkerström", "Nyman", "Ek", "Sjögren", "Holm", "Ängby", "Dahl")

# Numbers that begin with +46700 are the crowd's, +46701 those of people who are never at their telephone.
PEOPLE = Profile(
    people=(
        Person(weight=14, calls=(Press(keys={"1": 3.0, "2": 1.0}, answers_after_seconds=(2.0, 8.0)),)),
        Person(weight=3, calls=(Busy(), Press(keys={"1": 1.0}))),
        Person(weight=2, calls=(NoAnswer(),)),
        Person(weight=1, calls=(Voicemail(),)),
    ),
    prefixes={"+46701": (Person(calls=(NoAnswer(),)),)},
)


@dataclass(frozen=True)
class Office:
    """Groups by their ids, and the cookies of two people who are logged in."""

    windows: Windows
    organisation: Organisation
    simulator: Simulator
    process: ServingProcess
    crowd: str
    school: str
    silent: str
    administrator: StorageState
    operator: StorageState

    async def start_run(self, name: str, group: str, **wish: Any) -> str:
        """A run that was started by somebody else; its id."""
        body = {"text": WORDS, "responses": KEYS, "name": name, **wish}
        return str((await self.organisation.start_run(group, **body))["id"])

    async def start_long_run(self, name: str) -> str:
        """A run that goes on until it is stopped: nobody answers, and the next round is far away."""
        return await self.start_run(name, self.silent, policy={"rounds": 5, "wait_between_rounds_seconds": 900})


def person(number: int) -> str:
    return f"{FIRST[number % 10]} {LAST[number // 10 % 10]} {number}"


@asynccontextmanager
async def open_office(browser: Browser, folder: Path, speed: float = 30) -> AsyncIterator[Office]:
    settings: dict[str, Any] = {
        "calls_per_second": 60,
        "max_concurrent_calls": 200,
        "password_hash_mib": 19,
        "price_per_call": 0.1,
        "price_per_minute": 0.6,
    }
    async with running_simulator(SimulatorOptions(speed=speed, profile=PEOPLE)) as simulator:
        settings["drill_api_base"] = simulator.base_url
        async with serving(folder, simulator, **settings) as (process, organisation):
            windows = Windows(browser, process.base_url)
            crowd = await organisation.import_people(
                {person(n): [f"+46700{n:06}"] for n in range(CROWD)}, "Hela kommunen"
            )
            school = await organisation.import_people(
                {person(n): [f"+46702{n:06}"] for n in range(600, 600 + CLASS)}, "Södra skolan"
            )
            silent = await organisation.import_people(
                {person(n): [f"+46701{n:06}", f"+46701{n + 500:06}"] for n in range(900, 900 + SILENT)}, "Jouren"
            )
            administrator = await become_administrator(windows, await admin_link(folder, simulator, process))
            operator = await add_operator(windows, administrator)
            yield Office(windows, organisation, simulator, process, crowd, school, silent, administrator, operator)


async def admin_link(folder: Path, simulator: Simulator, process: ServingProcess) -> str:
    """What the command prints on the machine that GDial runs on."""
    command = [sys.executable, "-m", "gdial", "admin-link", "--url", process.base_url, "--json"]
    made = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, **environment_of(folder, simulator)}, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await made.communicate()
    return str(json.loads(said)["link"])


async def become_administrator(windows: Windows, link: str) -> StorageState:
    async with windows.open(language="sv") as window:
        page = window.page
        await window.go(link.removeprefix(windows.base_url))
        await page.get_by_label("Namn").fill("Ada Admin")
        await page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
        await page.get_by_label("Lösenordet igen").fill(PASSWORD)
        await page.get_by_role("button", name="Börja").click()
        await page.wait_for_url("**/runs")
        return await page.context.storage_state()


async def add_operator(windows: Windows, administrator: StorageState) -> StorageState:
    async with windows.open(administrator) as window:
        page = window.page
        await window.go("/settings/users")
        await page.get_by_label("Name").fill("Vera Vakt")
        await page.get_by_label("Role").select_option("operator")
        await page.get_by_label("Password to begin with").fill(PASSWORD)
        await page.get_by_role("button", name="Add").click()
        await page.get_by_role("link", name="Vera Vakt").wait_for()
    async with windows.open() as window:
        await log_in(window)
        return await window.page.context.storage_state()


async def log_in(window: Window, name: str = "Vera Vakt") -> None:
    await window.go("/runs")
    await window.page.get_by_label("Name").fill(name)
    await window.page.get_by_label("Password").fill(PASSWORD)
    await window.page.get_by_role("button", name="Log in").click()
    await window.page.wait_for_url("**/runs")
