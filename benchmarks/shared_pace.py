"""How many slots a second the shared pace gives out, and how long one takes, with 1, 2 and 4 processes that ask.

    python -m benchmarks.shared_pace [slots]

Each slot is taken, its line used up as a claim does, and its departure asked for: three short transactions. The pace
and the lines are set so high that nothing but PostgreSQL and the processes themselves is in the way. The server and the
askers share the machine.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time

from gdial.carriers.shared_pace import SharedPace
from gdial.dialing.states import RunMode
from gdial.storage.database import Database
from gdial.storage.migrate import upgrade
from gdial.storage.pace import PaceGates, use_line
from tests.support.services import private_postgres

PER_SECOND, LINES = 100_000.0, 100_000
AT_ONCE = 10


async def take_many(url: str, slots: int) -> None:
    """Writes when it began and ended, and the milliseconds of the slot in the middle."""
    database = Database(url)
    pace = SharedPace(PaceGates(database), RunMode.REAL, PER_SECOND, LINES)
    took: list[float] = []

    async def take_some() -> None:
        for _ in range(slots // AT_ONCE):
            began_at = time.monotonic()
            slot = await pace.take_slot(1)
            took.append(time.monotonic() - began_at)
            assert slot is not None
            assert slot.lease_id is not None
            async with database.transaction() as tx:
                assert await use_line(tx, slot.lease_id)
            await pace.depart()

    await pace.free_lines(1)
    began_at = time.time()
    await asyncio.gather(*(take_some() for _ in range(AT_ONCE)))
    print(began_at, time.time(), statistics.median(took) * 1000)
    await database.close()


async def prepare(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()


def main() -> None:
    slots = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    with private_postgres() as server:
        url = server.create_database()
        asyncio.run(prepare(url))
        for processes in (1, 2, 4):
            command = [sys.executable, "-m", "benchmarks.shared_pace", "asker", url, str(slots // processes)]
            askers = [
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
                for _ in range(processes)
            ]
            words = [[float(word) for word in asker.communicate()[0].split()] for asker in askers]
            seconds = max(word[1] for word in words) - min(word[0] for word in words)
            waited = statistics.median(word[2] for word in words)
            print(f"{processes} processes: {slots / seconds:6.0f} slots/s, a slot after {waited:.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["asker"]:
        asyncio.run(take_many(sys.argv[2], int(sys.argv[3])))
    else:
        main()
