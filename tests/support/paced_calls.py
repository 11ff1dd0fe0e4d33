"""Calls as the database has them, opened through a shared pace; run as a program, another process that dials.

    python -m tests.support.paced_calls DATABASE_URL RUN_ID RECIPIENT_ID PER_SECOND LINES CALLS

It places so many calls, each open for a moment, and writes for each when it left and how many were open then.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import update

from gdial.carriers.shared_pace import SharedPace
from gdial.dialing.pacing import Pace, Slot
from gdial.dialing.states import AttemptState, RunMode
from gdial.storage.attempts import count_open, insert_if_free
from gdial.storage.database import Database
from gdial.storage.pace import PaceGates, use_line
from gdial.storage.tables import call_logs
from tests.support.stored_runs import make_attempt, make_person, make_run

HELD_SECONDS = 0.3


class Calls:
    """All of one recipient, each to a number of its own, so that nothing but the pace is in their way."""

    def __init__(self, database: Database, run_id: UUID, recipient_id: UUID) -> None:
        self._database = database
        self._run = make_run(id=run_id)
        self._person = replace(make_person(), id=recipient_id)
        self._open: list[UUID] = []

    async def claim(self, slot: Slot) -> int:
        """How many calls are open with this one."""
        assert slot.lease_id is not None
        new = make_attempt(self._run, self._person, f"+46{uuid4().int % 10**12:012}")
        async with self._database.transaction() as tx:
            assert await use_line(tx, slot.lease_id)
            assert await insert_if_free(tx, new)
        self._open.append(new.facts.id)
        async with self._database.reading() as tx:
            return await count_open(tx, RunMode.REAL)

    async def end_one(self) -> None:
        closed = update(call_logs).where(call_logs.c.id == self._open.pop()).values(state=AttemptState.CLOSED)
        async with self._database.transaction() as tx:
            await tx.execute(closed)

    async def place(self, pace: Pace, priority: int) -> tuple[float, int]:
        """Again until there is a line: (when it left, how many were open then)."""
        slot = await pace.take_slot(priority)
        if slot is None:
            await asyncio.sleep(random.uniform(0.01, 0.05))
            return await self.place(pace, priority)
        if random.random() < 0.2:
            await pace.give_back(slot)
            return await self.place(pace, priority)
        open_calls = await self.claim(slot)
        await pace.depart()
        left_at = time.time()
        await asyncio.sleep(HELD_SECONDS)
        await self.end_one()
        return left_at, open_calls


async def place_many(url: str, run_id: str, recipient_id: str, per_second: float, lines: int, calls: int) -> None:
    database = Database(url)
    try:
        pace = SharedPace(PaceGates(database), RunMode.REAL, per_second, lines)
        placed = Calls(database, UUID(run_id), UUID(recipient_id))
        for left_at, open_calls in await asyncio.gather(*(placed.place(pace, 1) for _ in range(calls))):
            sys.stdout.write(f"{left_at} {open_calls}\n")
    finally:
        await database.close()


if __name__ == "__main__":
    url, run_id, recipient_id, per_second, lines, calls = sys.argv[1:]
    asyncio.run(place_many(url, run_id, recipient_id, float(per_second), int(lines), int(calls)))
