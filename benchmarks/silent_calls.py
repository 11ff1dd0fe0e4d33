"""How long it takes to settle many calls of which no callback came, and how often the carrier is asked for it.

    python -m benchmarks.silent_calls [calls] [sqlite|postgresql]

The carrier is a stub in the same process that has all of them on its list, over. One scheduler's reconciler settles
them with the default settings; a twentieth of the calls is unknown. The figure to hold it against: 10,000 calls in
300 s, and CARRIER_QUESTIONS_PER_SECOND. `singly` is what the same would take with one question a call at that rate.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import structlog

from gdial.actions.reconcile_calls import Reconciler
from gdial.storage import attempts
from tests.support.dialling import Dialling, dialling
from tests.support.services import private_postgres
from tests.support.silent_calls import store_silent_calls


async def settle(office: Dialling, calls: int) -> None:
    await store_silent_calls(office, calls, unknown_every=20)
    reconciler = Reconciler(office.rt)
    began_at, rounds = time.monotonic(), 0
    while await reconciler.look():
        rounds += 1
    seconds = time.monotonic() - began_at
    async with office.rt.database.reading() as tx:
        left = sum([await attempts.count_open(tx, mode) for mode in office.rt.networks])
    asked = len(office.carrier.received)
    singly = calls / office.rt.settings.carrier_questions_per_second
    print(f"{calls} silent calls: {seconds:.1f} s in {rounds} rounds, {asked} questions, {left} left open")
    print(f"ratio to 300 s: {seconds / 300:.2f}; singly: {singly:.0f} s and {calls} questions")


async def measure(folder: Path, url: str, calls: int) -> None:
    async with dialling(folder, url) as office:
        await settle(office, calls)


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    on = sys.argv[2] if len(sys.argv) > 2 else "sqlite"
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = f"sqlite:///{folder}/gdial.db"
        if on == "postgresql":
            url = stack.enter_context(private_postgres()).create_database()
        asyncio.run(measure(Path(folder) / "data", url, calls))


if __name__ == "__main__":
    main()
