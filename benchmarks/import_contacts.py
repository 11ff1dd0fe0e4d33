"""Takes in a long list over the API of a real `gdial serve`, twice as CSV and once as XLSX, while calls go on.

    python -m benchmarks.import_contacts --rows 100000

Prints for each import its time, the longest wait of a carrier's callback, of a request that only the event loop
decides on (`/health/live`) and of one that writes; then starts a run for all of them. The memory is the highest
resident size of the serving process (VmHWM).
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.contact_lists import BAD_EVERY, GROUP, csv_list, xlsx_list
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.server import Simulator, running_simulator
from tests.support.organisation import Organisation
from tests.support.serving import serving

CALLS_PER_SECOND = 10
SIMULATED_SPEED = 10
PROBE_SECONDS = 0.05
LONG_SECONDS = 900


@dataclass(slots=True)
class Waits:
    """The longest waits, in seconds."""

    loop: float = 0.0
    write: float = 0.0
    callback: float = 0.0


async def measure(rows: int, folder: Path) -> None:
    many_people = {f"Person {place}": [f"+4673{1_000_000 + place}"] for place in range(2_000)}
    settings = {"calls_per_second": CALLS_PER_SECOND, "max_concurrent_calls": 200, "metrics_port": 0}
    async with (
        running_simulator(SimulatorOptions(speed=SIMULATED_SPEED, seed=1)) as simulator,
        serving(folder, simulator, **settings) as (process, organisation),
    ):
        group = await organisation.import_people(many_people, "Beside")
        await organisation.start_run(group, name="Beside")
        await organisation.calls_placed(20)
        told("at rest", 0.0, Waits(), process.highest_memory_mib())
        bad = rows // BAD_EVERY
        lists = (("CSV", csv_list), ("CSV again", csv_list), ("XLSX again", xlsx_list))
        for name, make in lists:
            content = await asyncio.to_thread(make, rows)
            async with watched(organisation) as waits:
                began_at = time.monotonic()
                result = await take_in(organisation, content)
                took = time.monotonic() - began_at
            told(name, took, waits, process.highest_memory_mib())
            counted = result["created"] + result["updated"] + result["unchanged"]
            assert (counted, len(result["errors"])) == (rows - bad, bad), result["notes"]
            print(f"  {result['created']} created, {result['unchanged']} unchanged, {len(result['errors'])} bad")
        await start_for_all(organisation, process.highest_memory_mib)


async def start_for_all(organisation: Organisation, memory_mib: Any) -> None:
    groups = await organisation.call_api("GET", "/api/groups?limit=500")
    everybody = next(group["id"] for group in groups["items"] if group["name"] == GROUP)
    async with watched(organisation) as waits:
        began_at = time.monotonic()
        started = await organisation.start_run(everybody, name="Everybody")
        took = time.monotonic() - began_at
    told(f"run of {started['recipients']}", took, waits, memory_mib())
    for path in (f"/api/runs/{started['id']}/report.csv", f"/api/runs/{started['id']}/report.xlsx",
                 "/api/contacts/export.csv", "/api/contacts/export.xlsx"):  # fmt: skip
        async with watched(organisation) as waits:
            began_at = time.monotonic()
            size = await fetch(organisation, path)
            took = time.monotonic() - began_at
        told(f"{path.rpartition('/')[2]} {size / 2**20:.1f} MiB", took, waits, memory_mib())


async def fetch(organisation: Organisation, path: str) -> int:
    timeout = aiohttp.ClientTimeout(total=LONG_SECONDS)
    async with organisation.session.get(organisation.base_url + path, timeout=timeout) as answer:
        assert answer.status == 200, await answer.text()
        return len(await answer.read())


async def take_in(organisation: Organisation, content: bytes) -> Any:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="people")
    timeout = aiohttp.ClientTimeout(total=LONG_SECONDS)
    return await organisation.call_api("POST", "/api/contacts/import", data=form, timeout=timeout)


@asynccontextmanager
async def watched(organisation: Organisation) -> AsyncIterator[Waits]:
    """The waits while the block runs; filled in when it ends."""
    waits, began_at = Waits(), datetime.now(UTC)
    probes = [
        asyncio.create_task(probe(organisation, "GET", "/health/live", waits, "loop")),
        asyncio.create_task(probe(organisation, "POST", "/api/groups", waits, "write")),
    ]
    try:
        yield waits
    finally:
        for task in probes:
            task.cancel()
        await asyncio.gather(*probes, return_exceptions=True)
        waits.callback = longest_callback(organisation.simulator, began_at)


async def probe(organisation: Organisation, method: str, path: str, waits: Waits, name: str) -> None:
    timeout = aiohttp.ClientTimeout(total=LONG_SECONDS)
    for number in range(10**9):
        body = {"name": f"Probe {time.time_ns()} {number}"} if method == "POST" else None
        began_at = time.monotonic()
        try:
            async with organisation.session.request(
                method, organisation.base_url + path, json=body, timeout=timeout
            ) as answer:
                assert answer.status < 300, await answer.text()
        finally:
            # One that still waits when the watch ends counts as well.
            setattr(waits, name, max(getattr(waits, name), time.monotonic() - began_at))
        await asyncio.sleep(PROBE_SECONDS)


def longest_callback(simulator: Simulator, since: datetime) -> float:
    waits = [0.0]
    for call in simulator.network.store.oldest_first():
        recent = [it for it in call.callbacks if it.due_at >= since]
        waits += [((it.answered_at or datetime.now(UTC)) - it.due_at).total_seconds() for it in recent]
    return max(waits)


def told(what: str, took: float, waits: Waits, memory_mib: float) -> None:
    print(
        f"{what:28} {took:7.1f} s   longest wait: loop {waits.loop:5.2f} s, write {waits.write:5.2f} s, "
        f"callback {waits.callback:5.2f} s   memory {memory_mib:5.0f} MiB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="gdial-") as folder:
        asyncio.run(measure(rows, Path(folder)))


if __name__ == "__main__":
    main()
