"""A long list goes in through the API of a real `gdial serve` while calls go on. The full measure of a hundred thousand
rows is `python -m benchmarks.import_contacts`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from benchmarks.contact_lists import BAD_EVERY, GROUP, csv_list, xlsx_list
from benchmarks.import_contacts import longest_callback
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.server import running_simulator
from tests.support.organisation import Organisation
from tests.support.serving import serving

ROWS = 12_000
MOST_MEMORY_MIB = 250
"""The process has about 130 MiB when it has started."""

LONGEST_WAIT_SECONDS = 10
"""For a callback; a carrier gives up after 15."""


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(300)
async def test_a_long_list_is_taken_in_while_people_are_rung(tmp_path: Path) -> None:
    beside = {f"Person {place}": [f"+4673{1_000_000 + place}"] for place in range(500)}
    settings = {"calls_per_second": 5, "max_concurrent_calls": 100}
    async with (
        running_simulator(SimulatorOptions(speed=10, seed=1)) as simulator,
        serving(tmp_path, simulator, **settings) as (process, organisation),
    ):
        await organisation.start_run(await organisation.import_people(beside, "Beside"), name="Beside")
        placed = await organisation.calls_placed(5)
        began_at = datetime.now(UTC)

        first = await take_in(organisation, csv_list(ROWS))
        again = await take_in(organisation, csv_list(ROWS))
        as_workbook = await take_in(organisation, xlsx_list(ROWS))

        good = ROWS - ROWS // BAD_EVERY
        assert [it["created"] for it in (first, again, as_workbook)] == [good, 0, 0]
        assert [it["unchanged"] for it in (first, again, as_workbook)] == [0, good, good]
        assert first["errors"] == again["errors"] == as_workbook["errors"]
        assert [error["line"] for error in first["errors"]] == list(range(101, ROWS + 2, BAD_EVERY))
        assert {(error["column"], error["value"][:4]) for error in first["errors"]} == {("Mobil", "07O-")}
        assert all("letters" in error["reason"] for error in first["errors"])

        groups = (await organisation.call_api("GET", "/api/groups?limit=500"))["items"]
        everybody = next(group for group in groups if group["name"] == GROUP)
        assert everybody["size"] == good
        started = await organisation.start_run(everybody["id"], name="Everybody")
        assert started["recipients"] == good

        assert await organisation.calls_placed(placed + 1) > placed
        assert longest_callback(simulator, began_at) < LONGEST_WAIT_SECONDS
        assert process.highest_memory_mib() < MOST_MEMORY_MIB


async def take_in(organisation: Organisation, content: bytes) -> Any:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="people")
    timeout = aiohttp.ClientTimeout(total=120)
    return await organisation.call_api("POST", "/api/contacts/import", data=form, timeout=timeout)
