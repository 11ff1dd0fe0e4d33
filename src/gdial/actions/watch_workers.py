"""Raise an alarm while people wait to be rung and no process rings them."""

from __future__ import annotations

from datetime import datetime, timedelta

from gdial.dialing.states import RunMode
from gdial.runtime import Runtime
from gdial.storage import runs, workers

LOOK_EVERY = timedelta(seconds=15)


class WorkerWatch:
    """Looks when it is time: every 15 seconds, by the runtime's clock, the first time after as many.

    Whoever starts all processes at once starts a scheduler before the last worker has told that it lives.
    """

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._next_at: datetime = rt.clock() + LOOK_EVERY

    async def look(self) -> bool:
        """Whether an alarm was raised. Nothing is looked at where the workers are part of this process."""
        now = self._rt.clock()
        if self._rt.settings.rabbitmq_url is None or now < self._next_at:
            return False
        self._next_at = now + LOOK_EVERY
        return await _tell_if_nobody_rings(self._rt)


async def _tell_if_nobody_rings(rt: Runtime) -> bool:
    async with rt.database.reading() as tx:
        ringing = [run_id for mode in RunMode for run_id, _ in await runs.running(tx, mode)]
        if not ringing:
            return False
        alive = workers.count_alive(await workers.everybody(tx), await workers.time_here(tx, rt.clock()))
    if alive["call"]:
        return False
    rt.alarms.sound("no worker", "runs are under way, and no call worker is alive", runs=len(ringing))
    return True
