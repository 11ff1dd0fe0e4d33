"""The real actions on a real database, in a process that dies between any two effects and is started again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gdial.actions.show_run import show_run
from gdial.dialing.policy import Policy
from gdial.dialing.states import Outcome, RecipientState, RunState
from gdial.runtime import Runtime
from gdial.settings import explicit_settings
from gdial.speech.cache import AudioStore
from gdial.speech.processes import SpeechProcesses
from gdial.storage import run_lists
from tests.model.real_life import Crash, Fate, Life, MortalDatabase, ScriptedCarrier
from tests.support.dialling import MuteEngine
from tests.support.runtime import FIRST_MOMENT, TurnedClock, opened_runtime
from tests.support.stored_runs import facts_of, make_person, store_run

MOST_POINTS = 200
CHOICES = [
    (Fate.ANSWERED, True, False),
    (Fate.ANSWERED, False, False),
    (Fate.ANSWERED, True, True),
    (Fate.CUT, True, False),
    (Fate.LOST, False, False),
]


@pytest.fixture
async def rt(tmp_path: Path, database_url: str) -> AsyncIterator[Runtime]:
    settings = explicit_settings(data_dir=tmp_path / "gdial", database_url=database_url)
    async with opened_runtime(settings) as opened:
        mute = AudioStore(tmp_path / "audio", opened.secret, [MuteEngine()], SpeechProcesses())
        yield replace(opened, speech=mute)
        await mute.close()


async def begin(rt: Runtime, database: MortalDatabase, fate: Fate, which: int) -> Life:
    """Of a person whom nobody has rung yet."""
    number = f"+46701{which:06}"
    clock = TurnedClock()
    person = make_person(number, name=f"Person {which}")
    run = await store_run(rt.database, person, policy=Policy(rounds=1), deadline_at=None, started_at=FIRST_MOMENT)
    carrier = ScriptedCarrier(database.points, clock, fate)
    life = Life(replace(rt, clock=clock, database=database), carrier, clock, person, run)
    life.restart()
    return life


async def check(life: Life, stopped: bool) -> None:
    """One call in all, unless the run was stopped before it; everybody has an outcome, and the carrier agrees."""
    facts = await facts_of(life.rt.database, life.person.id)
    view = await show_run(life.rt, life.run.id)
    assert facts.state is RecipientState.ENDED
    assert view.ledger_balances
    assert view.run.state is (RunState.STOPPED if view.run.state is RunState.STOPPED and stopped else RunState.DONE)
    assert len(life.carrier.calls) == 1 or (stopped and not life.carrier.calls), "rung once, and nobody left out"
    if life.is_acknowledged:
        assert facts.outcome is Outcome.REACHED
    async with life.rt.database.reading() as tx:
        stored, _ = await run_lists.page_of_calls(tx, life.run.id, None, 100, 0)
    ours = {call.call_sid: call.status for call in stored if call.call_sid}
    assert ours == {call.sid: call.status for call in life.carrier.calls}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("fate", "hears", "stops"), CHOICES)
async def test_a_process_that_dies_at_any_point_loses_nobody_and_rings_nobody_twice(
    rt: Runtime, fate: Fate, hears: bool, stops: bool
) -> None:
    died_at = set()
    database = MortalDatabase(rt.settings.database_url)
    for point in range(MOST_POINTS):
        life = await begin(rt, database, fate, point)
        try:
            with database.points.dying_after(point):
                await life.go(hears=hears, stops=stops)
        except Crash as crash:
            died_at.add(str(crash))
        else:
            break
        await life.end()
        await check(life, stops)
    await life.end()
    await check(life, stops)
    await database.close()
    assert len(died_at) < MOST_POINTS
    assert {"before a commit", "after a commit", "before a create"} <= died_at
