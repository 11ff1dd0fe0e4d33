"""Creates that go wrong, as the operator and the people called live through it: nobody is rung twice or lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import NoAnswer, Press
from gdial.simulator.server import running_simulator
from tests.support.faulty_line import Fault, FaultyLine, Told, faulty_line
from tests.support.organisation import QUICK_POLICY, Organisation, organisation_over

QUICK_SETTINGS = {"unknown_first_list_sec": 1, "unknown_second_list_sec": 1}
IMPATIENT = {"carrier_timeout_sec": 1}
ANNA, ANNA_HOME = "+46701740605", "+46313900601"
BO, BO_HOME = "+46701740606", "+46313900602"
CIA, CIA_HOME = "+46701740607", "+46313900603"
PEOPLE = {"Anna Ek": [ANNA, ANNA_HOME], "Bo Dahl": [BO, BO_HOME], "Cia Ny": [CIA, CIA_HOME]}
RINGS_THOUGH = (
    Fault(told=Told.AN_ERROR, status=500),
    Fault(told=Told.THE_END),
    Fault(told=Told.NOTHING),
)
"""The phone rings, and GDial is told of an error, or that the connection is gone, or nothing at all."""


class Scene:
    """An organisation that rings over a line that can be spoilt."""

    def __init__(self, organisation: Organisation, line: FaultyLine) -> None:
        self.organisation = organisation
        self.line = line
        self.simulator = organisation.simulator
        self.phones = organisation.simulator.phones

    async def start_run(self, people: dict[str, list[str]], **wish: Any) -> str:
        group = await self.organisation.import_people(people)
        return str((await self.organisation.start_run(group, **wish))["id"])

    async def until(self, run: str, condition: Callable[[dict[str, int]], bool], calls: int = 0) -> None:
        """Until the counts of the run are so, and at least so many calls were tried."""
        async with asyncio.timeout(90):
            while True:
                shown = await self.organisation.show(run)
                if condition(shown["counts"]) and len(await self.organisation.calls(run)) >= calls:
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def scene_on(folder: Path, **settings: Any) -> AsyncIterator[Scene]:
    async with (
        running_simulator(SimulatorOptions(speed=50)) as simulator,
        faulty_line(simulator.base_url) as line,
        organisation_over(
            simulator, folder, twilio_api_base=line.base_url, **QUICK_SETTINGS | settings
        ) as organisation,
    ):
        yield Scene(organisation, line)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_on(tmp_path) as running:
        yield running


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[Scene]:
    """It waits a second for the carrier's answer."""
    async with scene_on(tmp_path, **IMPATIENT) as running:
        yield running


def without_callbacks(fault: Fault) -> Fault:
    return Fault(told=fault.told, status=fault.status, without_callbacks=True)


async def test_people_whose_create_went_unanswered_answer_in_the_one_call_they_get(impatient: Scene) -> None:
    scene = impatient
    for fault, (first, _) in zip(RINGS_THOUGH, PEOPLE.values(), strict=True):
        scene.line.spoil(first, fault)
        scene.phones.script(first, Press())
    run = await scene.start_run(PEOPLE)
    done = await scene.organisation.wait_until(run, "done")
    assert done["counts"]["reached"] == 3
    assert scene.organisation.rung() == {ANNA: 1, BO: 1, CIA: 1}
    assert len(await scene.organisation.calls(run)) == 3
    await scene.organisation.assert_nobody_lost_or_rung_twice(run)


async def test_without_a_word_of_them_the_carrier_is_asked_before_any_other_number_is_rung(impatient: Scene) -> None:
    scene = impatient
    for fault, (first, second) in zip(RINGS_THOUGH, PEOPLE.values(), strict=True):
        scene.line.spoil(first, without_callbacks(fault))
        scene.phones.script(first, NoAnswer())
        scene.phones.script(second, Press())
    run = await scene.start_run(PEOPLE)
    done = await scene.organisation.wait_until(run, "done")
    assert done["counts"]["reached"] == 3
    calls = {call["number"]: call for call in await scene.organisation.calls(run)}
    assert len(calls) == len(await scene.organisation.calls(run)) == 6
    for first, second in PEOPLE.values():
        assert (calls[first]["status"], calls[second]["status"]) == ("no-answer", "completed")
        assert calls[second]["started_at"] >= calls[first]["ended_at"]
    await scene.organisation.assert_nobody_lost_or_rung_twice(run)


async def test_a_create_that_the_carrier_never_had_is_made_again_to_the_same_number(scene: Scene) -> None:
    scene.line.spoil(ANNA, Fault(reaches=False, told=Told.THE_END))
    scene.phones.script(ANNA, Press())
    run = await scene.start_run({"Anna Ek": [ANNA, ANNA_HOME]}, policy=QUICK_POLICY | {"rounds": 1})
    done = await scene.organisation.wait_until(run, "done")
    assert done["counts"]["reached"] == 1
    calls = await scene.organisation.calls(run)
    assert [(call["number"], call["status"], call["error"]) for call in calls] == [
        (ANNA, "failed", "never rang"),
        (ANNA, "completed", ""),
    ]
    assert scene.organisation.rung() == {ANNA: 1}


async def test_a_carrier_that_is_too_busy_is_asked_again_in_a_while(scene: Scene) -> None:
    scene.line.spoil(ANNA, Fault(reaches=False, told=Told.AN_ERROR, status=429, code=20429))
    scene.phones.script(ANNA, Press())
    run = await scene.start_run({"Anna Ek": [ANNA, ANNA_HOME]})
    done = await scene.organisation.wait_until(run, "done")
    assert done["counts"]["reached"] == 1
    assert [call["number"] for call in await scene.organisation.calls(run)] == [ANNA, ANNA]
    assert scene.organisation.rung() == {ANNA: 1}


async def test_a_carrier_that_nobody_reaches_costs_nobody_a_turn(scene: Scene) -> None:
    scene.phones.script(ANNA, Press())
    await scene.line.unplug()
    run = await scene.start_run({"Anna Ek": [ANNA, ANNA_HOME]}, policy=QUICK_POLICY | {"rounds": 1})
    await scene.until(run, lambda counts: counts["waiting"] == 1, calls=1)
    (refused,) = await scene.organisation.calls(run)
    assert (refused["number"], refused["status"], refused["call_sid"]) == (ANNA, "failed", None)
    await scene.line.plug_in()
    done = await scene.organisation.wait_until(run, "done")
    assert done["counts"]["reached"] == 1
    assert scene.organisation.rung() == {ANNA: 1}


async def test_a_refused_account_pauses_the_run_and_says_why_until_it_is_mended(scene: Scene) -> None:
    refused = Fault(reaches=False, told=Told.AN_ERROR, status=401, code=20003)
    scene.line.spoil(ANNA, refused, refused)
    scene.phones.script(ANNA, Press())
    run = await scene.start_run({"Anna Ek": [ANNA, ANNA_HOME]}, policy=QUICK_POLICY | {"rounds": 1})
    for tries in (1, 2):
        paused = await scene.organisation.wait_until(run, "paused")
        assert "TWILIO_AUTH_TOKEN" in paused["paused_because"]
        assert "20003" in paused["paused_because"]
        assert (paused["counts"]["waiting"], scene.line.creates[ANNA]) == (1, tries)
        resumed = await scene.organisation.call_api("POST", f"/api/runs/{run}/resume")
        assert not resumed["paused_because"]
    done = await scene.organisation.wait_until(run, "done")
    assert done["counts"]["reached"] == 1
    assert scene.organisation.rung() == {ANNA: 1}
    await scene.organisation.assert_nobody_lost_or_rung_twice(run)


async def test_a_call_may_be_over_before_the_create_is_answered(scene: Scene) -> None:
    over = asyncio.Event()
    scene.line.spoil(ANNA, Fault(until=over))
    scene.phones.script(ANNA, Press())
    run = await scene.start_run({"Anna Ek": [ANNA, ANNA_HOME]})
    await scene.simulator.wait_for(lambda call: call.is_over)
    done = await scene.organisation.wait_until(run, "done")
    over.set()
    assert done["counts"]["reached"] == 1
    (call,) = await scene.organisation.calls(run)
    assert (call["status"], call["digits"]) == ("completed", "1")
    await scene.organisation.assert_nobody_lost_or_rung_twice(run)


async def test_a_run_ends_though_every_callback_of_it_was_lost(tmp_path: Path) -> None:
    ahead = timedelta()
    async with scene_on(tmp_path, clock=lambda: datetime.now(UTC) + ahead) as scene:
        for first, second in PEOPLE.values():
            scene.line.spoil(first, Fault(without_callbacks=True))
            scene.phones.script(first, NoAnswer() if first == BO else Press())
            scene.phones.script(second, Press())
        run = await scene.start_run(PEOPLE)
        await scene.organisation.calls_placed(3)
        await scene.simulator.wait_until_idle()
        ahead = timedelta(minutes=2)
        done = await scene.organisation.wait_until(run, "done")
        assert done["counts"]["reached"] == 3
        assert scene.organisation.rung() == {ANNA: 1, BO: 1, BO_HOME: 1, CIA: 1}
        await scene.organisation.assert_nobody_lost_or_rung_twice(run)


async def test_in_a_night_of_mishaps_everybody_is_rung_once(tmp_path: Path) -> None:
    """Every third create is spoilt, one way or another, some of them twice."""
    ahead, random = timedelta(), Random(7)
    mishaps = [
        *RINGS_THOUGH,
        *(without_callbacks(fault) for fault in RINGS_THOUGH),
        Fault(without_callbacks=True),
        Fault(reaches=False, told=Told.AN_ERROR),
        Fault(reaches=False, told=Told.THE_END),
        Fault(reaches=False, told=Told.AN_ERROR, status=429, code=20429),
    ]
    crowd = {f"Person {n}": [f"+4670174{n:04}"] for n in range(60)}
    async with scene_on(tmp_path, clock=lambda: datetime.now(UTC) + ahead, **IMPATIENT) as scene:
        for (number,) in crowd.values():
            scene.phones.script(number, Press())
            if random.random() < 1 / 3:
                scene.line.spoil(number, *random.sample(mishaps, random.choice((1, 1, 2))))
        run = await scene.start_run(crowd)
        await scene.until(run, lambda counts: counts["reached"] == 60)
        await scene.simulator.wait_until_idle()
        ahead = timedelta(minutes=5)
        await scene.organisation.wait_until(run, "done")
        assert set(scene.organisation.rung().values()) == {1}
        await scene.organisation.assert_nobody_lost_or_rung_twice(run)
