"""How many whole calls a second one `gdial serve` carries: job, claim, create, seven signed webhooks, the answer.

    python -m benchmarks.call_cycle [people]

Runs the same call-out on SQLite and on PostgreSQL, twice each and in turn, over a simulated network in this process;
prints calls a second, processor milliseconds of GDial a call, and the ratio. The network and this script share the
machine: trust the ratios.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gdial.simulator import Profile, SimulatorOptions, running_simulator
from gdial.storage.database import Database
from gdial.storage.migrate import upgrade
from tests.support.services import private_postgres
from tests.support.serving import serving

ROUNDS = 2
EVERYBODY_ANSWERS = Profile.model_validate(
    {
        "people": [
            {"calls": [{"does": "press", "answers_after_seconds": 2, "presses_after_seconds": 2, "keys": {"1": 1.0}}]}
        ]
    }
)


@dataclass(frozen=True, slots=True)
class Measured:
    calls_a_second: float
    processor_ms_a_call: float


async def measure(people: int, **settings: object) -> Measured:
    options = SimulatorOptions(speed=50, profile=EVERYBODY_ANSWERS)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running_simulator(options) as simulator,
            serving(Path(folder), simulator, calls_per_second=500, max_concurrent_calls=500, **settings) as (
                process,
                organisation,
            ),
        ):
            group = await organisation.import_people({f"Person {i}": [f"+4670{1000000 + i}"] for i in range(people)})
            before, began = process.processor_seconds(), asyncio.get_running_loop().time()
            run = await organisation.start_run(group)
            await simulator.network.changes.until(lambda: len(simulator.network.store) >= people)
            await simulator.wait_until_idle()
            took = asyncio.get_running_loop().time() - began
            spent = process.processor_seconds() - before
            done = await organisation.wait_until(run["id"], "done")
            assert done["counts"]["reached"] == people, done["counts"]
            return Measured(people / took, spent * 1000 / people)


async def main(people: int) -> None:
    found: dict[str, list[Measured]] = {"SQLite": [], "PostgreSQL": []}
    with private_postgres() as server:
        for _ in range(ROUNDS):
            found["SQLite"].append(await measure(people))
            url = server.create_database()
            database = Database(url)
            await upgrade(database)
            await database.close()
            found["PostgreSQL"].append(await measure(people, database_url=url))
    speeds = {}
    for name, measured in found.items():
        speeds[name] = statistics.median(each.calls_a_second for each in measured)
        spent = statistics.median(each.processor_ms_a_call for each in measured)
        print(f"{name:<12} {speeds[name]:7.1f} calls a second   {spent:6.2f} ms of processor a call")
    print(f"PostgreSQL / SQLite: {speeds['PostgreSQL'] / speeds['SQLite']:.2f}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
