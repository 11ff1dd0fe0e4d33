"""A carrier that has too much, or is gone, as the operator and the people called live through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gdial.dialing.breaker import FAILURES_TO_OPEN
from gdial.dialing.states import RunMode
from gdial.monitoring import metrics
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import Press
from gdial.simulator.server import running_simulator
from tests.support.faulty_line import FaultyLine, faulty_line
from tests.support.organisation import QUICK_POLICY, Organisation, organisation_over

PATIENCE_SECONDS = 60.0
ORDINARY_PRIORITY = 1
PACE = 20.0
ALONE_AND_SHARED = pytest.mark.parametrize("database_settings", ["sqlite", "classic"], indirect=True)
QUICKLY_SETTLED = {"unknown_first_list_sec": 1, "unknown_second_list_sec": 1, "carrier_timeout_sec": 1}


@dataclass(frozen=True)
class Scene:
    organisation: Organisation
    line: FaultyLine

    async def pace_now(self) -> float:
        """As a process learns it that looks for free lines, whichever it was that the carrier refused."""
        pace = self.organisation.runtime.networks[RunMode.REAL].pace
        await pace.free_lines(ORDINARY_PRIORITY)
        return pace.per_second

    async def slows_down(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.pace_now() >= PACE * 0.6:  # noqa: ASYNC110 - it may be another process that changes
                await asyncio.sleep(0.02)

    async def ring(self, people: int) -> str:
        """A run to so many people, each of whom answers."""
        numbers = [f"+467017406{place:02}" for place in range(people)]
        for number in numbers:
            self.organisation.simulator.phones.script(number, Press())
        group = await self.organisation.import_people({f"Person {number}": [number] for number in numbers})
        policy = QUICK_POLICY | {"rounds": 1}
        return str((await self.organisation.start_run(group, policy=policy))["id"])

    async def waits_for_the_carrier(self, run: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if (await self.organisation.show(run))["waits_for_carrier_since"]:
                    return
                await asyncio.sleep(0.02)

    async def all_were_reached_once(self, run: str, people: int) -> None:
        done = await self.organisation.wait_until(run, "done")
        assert done["counts"]["reached"] == people
        assert set(self.organisation.rung().values()) == {1}
        await self.organisation.assert_nobody_lost_or_rung_twice(run)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def scene_on(folder: Path, **settings: Any) -> AsyncIterator[Scene]:
    async with (
        running_simulator(SimulatorOptions(speed=50)) as simulator,
        faulty_line(simulator.base_url) as line,
        organisation_over(
            simulator,
            folder,
            twilio_api_base=line.base_url,
            calls_per_second=PACE,
            **QUICKLY_SETTLED | settings,
        ) as organisation,
    ):
        yield Scene(organisation, line)


@pytest.fixture
async def scene(tmp_path: Path, database_settings: dict[str, Any]) -> AsyncIterator[Scene]:
    async with scene_on(tmp_path, **database_settings) as running:
        yield running


async def test_a_carrier_that_takes_fewer_calls_than_thought_slows_the_pace_and_everybody_is_rung_once(
    scene: Scene,
) -> None:
    scene.line.takes_a_second = 6
    run = await scene.ring(16)
    await scene.slows_down()
    assert scene.line.too_many > 0
    await scene.all_were_reached_once(run, 16)
    refused = [call for call in await scene.organisation.calls(run) if call["status"] == "failed"]
    assert len(refused) == scene.line.too_many
    assert all("20429" in call["error"] for call in refused)


async def ask_ready(scene: Scene) -> dict[str, Any]:
    ready = await scene.organisation.call_api("GET", "/health/ready")
    return next(part for part in ready["parts"] if part["name"] == "carrier")


@ALONE_AND_SHARED
async def test_a_dead_carrier_is_asked_and_never_sent_a_call_and_everybody_is_rung_when_it_is_back(
    scene: Scene,
) -> None:
    assert (await ask_ready(scene))["status"] == "ok"
    scene.line.is_down = True
    run = await scene.ring(20)
    await scene.waits_for_the_carrier(run)
    creates = scene.line.heard_while_down.count("POST")
    assert creates >= FAILURES_TO_OPEN
    assert metrics.REGISTRY.get_sample_value("gdial_carrier_breaker_open", {"mode": "real"}) == 1
    assert (await ask_ready(scene))["status"] == "failed"
    heard = len(scene.line.heard_while_down)
    await until(lambda: len(scene.line.heard_while_down) >= heard + 4)
    assert set(scene.line.heard_while_down[heard:]) == {"GET"}
    shown = await scene.organisation.show(run)
    assert shown["counts"]["waiting"] + shown["counts"]["calling"] == 20, "everybody waits"
    scene.line.is_down = False
    await scene.all_were_reached_once(run, 20)
    assert (await scene.organisation.show(run))["waits_for_carrier_since"] is None
    assert (await ask_ready(scene))["status"] == "ok"


async def test_a_carrier_nobody_can_connect_to_holds_up_no_drill(tmp_path: Path) -> None:
    async with (
        running_simulator(SimulatorOptions(speed=50)) as drills,
        scene_on(tmp_path, drill_api_base=drills.base_url) as scene,
    ):
        await scene.line.unplug()
        # Too few creates to tell that it is away: it is asked.
        run = await scene.ring(2)
        await scene.waits_for_the_carrier(run)
        drills.phones.script("+46701740700", Press())
        group = await scene.organisation.import_people({"Bo Dahl": ["+46701740700"]}, group="Drill")
        drill = await scene.organisation.start_run(group, mode="drill")
        assert (await scene.organisation.wait_until(drill["id"], "done"))["counts"]["reached"] == 1
        await scene.line.plug_in()
        await scene.all_were_reached_once(run, 2)
