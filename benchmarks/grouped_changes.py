"""What it is worth that the small transactions of many callbacks become few: PostgreSQL, in this process.

    python -m benchmarks.grouped_changes [calls] [at once]

Each callback locks an attempt, stores a word of the carrier and changes attempt and recipient, as the webhooks do;
every call has four. Both ways take turns over the same server and calls of their own; prints callbacks a second,
processor microseconds of this process for each, and the ratio. The server shares the machine: trust the ratio.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from gdial.dialing.states import AttemptState, CallStatus
from gdial.storage import attempts, events, recipients
from gdial.storage.attempt_changes import Loaded, change_attempt
from gdial.storage.database import Database
from gdial.storage.events import CarrierEvent
from gdial.storage.migrate import upgrade
from gdial.storage.transaction import Transaction
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.services import private_postgres
from tests.support.stored_runs import claim, make_attempt, make_person, store_run

ROUNDS = 3
WORDS = (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED)

Work = Callable[[Transaction, Loaded | None], Awaitable[None]]
Change = Callable[[Database, UUID, Work], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Measured:
    callbacks_a_second: float
    processor_us: float


async def alone(database: Database, attempt_id: UUID, work: Work) -> None:
    async with database.transaction() as tx:
        await work(tx, await attempts.load_locked(tx, attempt_id))


async def measure(database: Database, change: Change, calls: int, at_once: int) -> Measured:
    people = [make_person(f"+4670{1000000 + i}") for i in range(calls)]
    run = await store_run(database, *people)
    claimed = [make_attempt(run, person, number=f"+4670{1000000 + i}") for i, person in enumerate(people)]
    for new in claimed:
        await claim(database, new)
    lines = asyncio.Semaphore(at_once)

    async def one_call(attempt_id: UUID) -> None:
        async with lines:
            for word in WORDS:
                await change(database, attempt_id, heard(attempt_id, word))

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*[one_call(new.facts.id) for new in claimed])
    took, spent = time.perf_counter() - began, time.process_time() - spent
    callbacks = calls * len(WORDS)
    return Measured(callbacks / took, spent / callbacks * 1e6)


def heard(attempt_id: UUID, word: CallStatus) -> Work:
    event = CarrierEvent(attempt_id, f"{attempt_id}:{word}", "status", "CA1", {"status": word}, NOW)

    async def store(tx: Transaction, loaded: Loaded | None) -> None:
        assert loaded is not None
        recipient, attempt = loaded
        assert await events.insert_if_new(tx, event, decided_at=NOW)
        is_over = word is CallStatus.COMPLETED
        state = AttemptState.CLOSED if is_over else AttemptState.PLACED
        due_at = NOW + timedelta(seconds=WORDS.index(word) + 1)
        await recipients.save(tx, recipient, replace(recipient.facts, due_at=due_at), NOW)
        await attempts.save(tx, attempt.facts, replace(attempt.facts, state=state, status=word), NOW)

    return store


async def main(calls: int, at_once: int) -> None:
    ways: dict[str, Change] = {"alone": alone, "together": change_attempt}
    found: dict[str, list[Measured]] = {name: [] for name in ways}
    with private_postgres() as server:
        database = Database(server.create_database())
        await upgrade(database)
        for _ in range(ROUNDS):
            for name, change in ways.items():
                found[name].append(await measure(database, change, calls, at_once))
        await database.close()
    speeds = {}
    for name, measured in found.items():
        speeds[name] = statistics.median(each.callbacks_a_second for each in measured)
        spent = statistics.median(each.processor_us for each in measured)
        print(f"{name:<10} {speeds[name]:8.0f} callbacks a second   {spent:6.0f} us of processor each")
    print(f"together / alone: {speeds['together'] / speeds['alone']:.2f}")


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    asyncio.run(main(*[*asked, *(400, 100)[len(asked) :]]))
