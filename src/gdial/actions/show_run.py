"""A run as people and programs see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gdial.actions.watch_carrier import silence_of
from gdial.dialing.states import RunState
from gdial.runtime import Runtime
from gdial.storage import runs
from gdial.storage.database import Transaction
from gdial.storage.runs import Counts, Run


@dataclass(frozen=True, slots=True)
class RunView:
    """`answers` counts people by the key they pressed. `waits_for_carrier_since`: it is not over for somebody, and
    the carrier has answered nobody since then; whom it was asked to ring when it fell silent counts as being rung."""

    run: Run
    counts: Counts
    answers: dict[str, int]
    waits_for_carrier_since: datetime | None = None

    @property
    def ledger_balances(self) -> bool:
        """Promise 1: when a run is over, everybody is either reached, not reached or stopped."""
        counts = self.counts
        return counts.recipients == counts.reached + counts.not_reached + counts.stopped


async def show_run(rt: Runtime, run_id: UUID) -> RunView:
    """Raises NotFound."""
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
        counts = await runs.counts(tx, run_id)
        return RunView(
            run=run,
            counts=counts,
            answers=await runs.answers(tx, run_id),
            waits_for_carrier_since=await _waits_since(tx, rt, run, counts),
        )


async def _waits_since(tx: Transaction, rt: Runtime, run: Run, counts: Counts) -> datetime | None:
    if run.state is not RunState.RUNNING or not (counts.waiting or counts.calling):
        return None
    silence = await silence_of(tx, rt, run.mode)
    return silence.since if silence is not None and silence.is_total else None
