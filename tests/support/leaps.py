"""Call-outs over hours, in seconds: GDial and the telephone network on one clock that leaps over the waiting."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from gdial.simulator.clock import ScaledClock
from tests.support.organisation import Organisation

LONGEST_REAL_SECONDS = 60.0
LOOK_SECONDS = 0.1


async def leap_to_the_end(organisation: Organisation, run_id: str, clock: ScaledClock) -> Any:
    """The run once it is over; `clock` is the network's, and its `now` GDial's."""
    async with asyncio.timeout(LONGEST_REAL_SECONDS):
        while not (run := await organisation.show(run_id))["ended_at"]:
            await organisation.simulator.wait_until_idle()
            await leap_if_nothing_is_due(organisation, run, clock)
            await asyncio.sleep(LOOK_SECONDS)
    return run


async def leap_if_nothing_is_due(organisation: Organisation, run: Any, clock: ScaledClock) -> None:
    """Leap to where the first of those who wait is due, unless somebody is being called."""
    people = (await organisation.recipients(run["id"])).values()
    waiting = [one for one in people if one["outcome"] is None]
    if not waiting or any(one["state"] != "waiting" for one in waiting):
        return
    due_at = min(datetime.fromisoformat(one["next_at"]) for one in waiting)
    left = (due_at - clock.now()).total_seconds()
    if left > 0:
        clock.advance(left)
        organisation.runtime.bells.feed.set()
        organisation.runtime.bells.close_runs.set()
