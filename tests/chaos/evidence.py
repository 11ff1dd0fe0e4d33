"""What is known after a trial: the telephone network's side, GDial's side, and what the processes wrote."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from tests.chaos.crowd import Crowd
from tests.chaos.operator import Operator, Truth
from tests.chaos.system import System

SETTLED_WITHIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """`truth`: the rows of the network's ledger. `recipients`, `attempts`: rows of GDial's tables. `run`: as the API
    shows it. `logs`: what each process wrote, by its name."""

    crowd: Crowd
    rounds: int
    keys: frozenset[str]
    truth: list[Any]
    run: Any
    recipients: list[Any]
    attempts: list[Any]
    undecided_words: int
    dead_letters: int
    logs: Mapping[str, str]
    database_log: str

    @property
    def unknowns(self) -> int:
        """Creates of which nobody knew at first whether the carrier had carried them out."""
        return sum(attempt["placed_as"] == "unknown" for attempt in self.attempts)

    def write(self, file: Path) -> None:
        """What both sides know of people and calls; the logs lie beside it already."""
        sides = {"run": self.run, "truth": self.truth, "recipients": self.recipients, "attempts": self.attempts}
        file.write_text(json.dumps(sides, indent=1, default=str))


async def gather(system: System, operator: Operator, truth: Truth, crowd: Crowd, run_id: str) -> Evidence:
    """Everything, once the network is quiet and GDial has decided on every word it stored."""
    await truth.until_quiet()
    await truth.look_at_all()
    connection = await asyncpg.connect(system.database_url)  # type: ignore[no-untyped-call]
    try:
        undecided = await _until_decided(connection)
        recipients = [dict(row) for row in await connection.fetch("SELECT * FROM recipients")]
        attempts = [dict(row) for row in await connection.fetch("SELECT * FROM call_logs")]
    finally:
        await connection.close()
    run = await operator.request("GET", f"/api/runs/{run_id}")
    return Evidence(
        crowd=crowd,
        rounds=run["policy"]["rounds"],
        keys=frozenset(run["responses"]),
        truth=truth.calls,
        run=run,
        recipients=recipients,
        attempts=attempts,
        undecided_words=undecided,
        dead_letters=(await operator.request("GET", "/api/queues"))["dead_letters"],
        logs={name: log.read_text("utf-8", "replace") for name, log in system.logs.items()},
        database_log=system.database_log.read_text("utf-8", "replace"),
    )


async def _until_decided(connection: Any) -> int:
    """Words that came at the very end are decided on by the next round of a scheduler; how many never were."""
    undecided = 0
    for _ in range(int(SETTLED_WITHIN_SECONDS)):
        undecided = await connection.fetchval("SELECT count(*) FROM carrier_events WHERE decided_at IS NULL")
        if not undecided:
            break
        await asyncio.sleep(1)
    return undecided
