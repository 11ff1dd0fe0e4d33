"""One seed from beginning to end."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.checks import find_faults
from tests.chaos.crowd import crowd_of
from tests.chaos.evidence import gather
from tests.chaos.faults import plan_faults
from tests.chaos.havoc import Havoc
from tests.chaos.operator import Operator, Truth, operators_session
from tests.chaos.plan import Scale, plan_strikes
from tests.chaos.system import System, running_system


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a seed; it has passed when there are no findings."""

    seed: int
    people: int
    seconds: float
    findings: list[str]
    began_at: str
    killed: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    unknowns: int = 0
    reached: int = 0
    not_reached: int = 0
    resumed: int = 0

    @property
    def has_passed(self) -> bool:
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Trial:
    """A seed under way. `folder` is new, and gets the logs of everything."""

    def __init__(self, seed: int, scale: Scale, folder: Path) -> None:
        self._seed = seed
        self._scale = scale
        self._folder = folder
        self._crowd = crowd_of(scale.people)
        self._run_id = ""

    async def run(self) -> Result:
        """Never longer than the scale allows, and a minute to find out what was wrong."""
        began = time.monotonic()
        began_at = datetime.now(UTC).isoformat(timespec="seconds")
        async with AsyncExitStack() as stack:
            system = await stack.enter_async_context(running_system(self._folder, self._seed, self._scale))
            session = await stack.enter_async_context(operators_session())
            operator, truth = Operator(system.web.base_url, session), Truth(system.network.control_url, session)
            havoc = Havoc(system, truth)
            findings: list[str] = []
            try:
                async with asyncio.timeout(self._scale.most_seconds - (time.monotonic() - began)):
                    await self._call_out(system, operator, truth, havoc)
                    evidence = await gather(system, operator, truth, self._crowd, self._run_id)
            except TimeoutError:
                findings.append(f"not over within {self._scale.most_seconds:.0f} s")
                async with asyncio.timeout(60):
                    evidence = await gather(system, operator, truth, self._crowd, self._run_id)
            faults = await truth.injected()
            seconds = round(time.monotonic() - began, 1)
        evidence.write(self._folder / "evidence.json")
        findings += [*havoc.ended, *find_faults(evidence)]
        counts = evidence.run["counts"]
        return Result(
            seed=self._seed,
            people=self._scale.people,
            seconds=seconds,
            findings=findings,
            began_at=began_at,
            killed=dict(sorted(havoc.killed.items())),
            faults=faults,
            calls=len(evidence.truth),
            unknowns=evidence.unknowns,
            reached=counts["reached"],
            not_reached=counts["not_reached"],
            resumed=operator.resumed,
        )

    async def _call_out(self, system: System, operator: Operator, truth: Truth, havoc: Havoc) -> None:
        """Start, kill and wait; returns when the run is done and everything runs again."""
        await operator.until_working(len(system.workers.all))
        await truth.spoil(plan_faults(self._seed, self._scale.people / self._scale.calls_per_second))
        self._run_id = await operator.start_run(self._crowd, key=f"chaos-{self._seed}")
        over = asyncio.Event()
        supervisor = asyncio.create_task(havoc.supervise())
        wreaking = asyncio.create_task(havoc.wreak(plan_strikes(self._seed, self._scale), over))
        try:
            await operator.until_done(self._run_id)
        finally:
            over.set()
            await wreaking
            supervisor.cancel()


async def run_trial(seed: int, scale: Scale, folder: Path) -> Result:
    """`folder` is new; it gets the logs of every process."""
    return await Trial(seed, scale, folder).run()
