"""Kills what the plan says while a call-out is under way, and starts it again; a supervisor for the rest."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.chaos.operator import Truth
from tests.chaos.plan import Strike, kind_of
from tests.chaos.system import System

LOOK_EVERY_SECONDS = 0.5
STILL_SECONDS = 8.0
"""Where no call came for so long, as at the end, the next strike does not wait for one."""
RESTART_SECONDS = 1.0


class Havoc:
    """`killed` counts what was killed by kind; `ended` names processes that ended by themselves, with their code."""

    def __init__(self, system: System, truth: Truth) -> None:
        self.killed: Counter[str] = Counter()
        self.ended: list[str] = []
        self._system = system
        self._truth = truth
        self._victims = system.victims
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def wreak(self, plan: Sequence[Strike], over: asyncio.Event) -> None:
        """Strike after strike until none is left or the call-out is over; everything runs again when this returns."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as strikes:
            calls, moved_at = 0, loop.time()
            for strike in plan:
                while not over.is_set() and calls < strike.after_calls and loop.time() - moved_at < STILL_SECONDS:
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
                    seen = await self._truth.look()
                    if seen > calls:
                        calls, moved_at = seen, loop.time()
                if over.is_set():
                    return
                moved_at = loop.time()
                strikes.create_task(self._strike(strike))

    async def _strike(self, strike: Strike) -> None:
        victim = self._victims[strike.victim]
        async with self._turns[strike.victim]:
            await victim.kill()
            self.killed[kind_of(strike.victim)] += 1
            await asyncio.sleep(strike.pause_seconds)
            await victim.start()

    async def supervise(self) -> None:
        """Start what ended by itself, as the shipped supervisors do. Runs until it is cancelled."""
        while True:
            for name, process in self._system.processes.items():
                if not process.is_running and not self._turns[name].locked():
                    self.ended.append(f"{name} ended by itself")
                    async with self._turns[name]:
                        await asyncio.sleep(RESTART_SECONDS)
                        await process.launch()
            await asyncio.sleep(LOOK_EVERY_SECONDS)
