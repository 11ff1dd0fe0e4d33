"""A run as people and programs see it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from gdial.runtime import Runtime
from gdial.storage import runs
from gdial.storage.runs import Counts, Run


@dataclass(frozen=True, slots=True)
class RunView:
    """`answers` counts people by the key they pressed."""

    run: Run
    counts: Counts
    answers: dict[str, int]

    @property
    def ledger_balances(self) -> bool:
        """Promise 1: when a run is over, everybody is either reached, not reached or stopped."""
        counts = self.counts
        return counts.recipients == counts.reached + counts.not_reached + counts.stopped


async def show_run(rt: Runtime, run_id: UUID) -> RunView:
    """Raises NotFound."""
    async with rt.database.reading() as tx:
        return RunView(
            run=await runs.get(tx, run_id),
            counts=await runs.counts(tx, run_id),
            answers=await runs.answers(tx, run_id),
        )
