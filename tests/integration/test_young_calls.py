"""A carrier may not know yet of a call that it has just made: that is no reason to take it for over."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gdial.actions.reconcile_calls import recover_after_start
from gdial.simulator.faults.reading import parse_fault_plan
from gdial.simulator.people.behaviours import NoAnswer, Press
from tests.support.organisation import running_organisation

ANNA, ANNA_HOME = "+46701740605", "+46313900601"
NOT_FOUND_AT_FIRST = {"faults": [{"does": "fetch_lag", "seconds": 20}]}


async def test_a_call_that_cannot_be_fetched_yet_goes_on(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        simulator = organisation.simulator
        simulator.faults.replace(parse_fault_plan(NOT_FOUND_AT_FIRST))
        simulator.phones.script(ANNA, Press(answers_after_seconds=(250.0, 250.0)))
        simulator.phones.script(ANNA_HOME, NoAnswer())
        group = await organisation.import_people({"Anna Ek": [ANNA, ANNA_HOME]})
        run = await organisation.start_run(group, policy={"rounds": 1, "ring_timeout_seconds": 300})
        async with asyncio.timeout(60):
            while [call["status"] for call in await organisation.calls(run["id"])] != ["ringing"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await recover_after_start(organisation.runtime)  # the scheduler looks within a second

        done = await organisation.wait_until(run["id"], "done")
        assert done["counts"]["reached"] == 1
        assert organisation.rung() == {ANNA: 1}
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])
