"""An operator has one person rung before everybody else: through the board, to a phone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gdial.simulator.options import SimulatorOptions
from tests.support.organisation import running_organisation

PEOPLE = 100
LAST = "+46701741099"
FEW = 40
"""Nobody so far behind in the order would be among this many of the first calls by themselves."""


async def test_whoever_is_to_be_rung_now_does_not_wait_for_their_turn(tmp_path: Path) -> None:
    async with running_organisation(tmp_path, SimulatorOptions(speed=20), calls_per_second=5) as organisation:
        group = await organisation.import_people(
            {f"Person {place:03}": [f"+4670174{1000 + place}"] for place in range(PEOPLE)}
        )
        run_id = (await organisation.start_run(group))["id"]
        person = (await organisation.recipients(run_id))["Person 099"]["id"]
        board = f"{organisation.base_url}/runs/{run_id}/recipients/{person}"
        async with organisation.session.post(f"{board}/call-now", allow_redirects=False) as pressed:
            assert pressed.status == 303
        async with asyncio.timeout(60):
            await organisation.simulator.network.changes.until(lambda: LAST in organisation.rung())
        assert organisation.rung().total() < FEW
        await organisation.call_api("POST", f"/api/runs/{run_id}/stop", json={"hang_up": True})
        await organisation.wait_until(run_id, "stopped")
        assert organisation.rung()[LAST] == 1
        async with organisation.session.get(board) as page:
            assert LAST in await page.text()
        await organisation.assert_nobody_lost_or_rung_twice(run_id)
