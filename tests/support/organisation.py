"""A whole GDial beside a whole telephone network, for tests that speak the domain."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gdial.assembly import open_runtime, utc_now
from gdial.cli.working import work
from gdial.runtime import Clock, Runtime
from gdial.settings import Settings, explicit_settings
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.server import Simulator, running_simulator
from gdial.web.app import create_app
from gdial.web.server import serve
from gdial.workers.embedded import run_embedded_workers
from gdial.workers.fallback import ring_where_needed
from tests.support.ports import free_port
from tests.support.setups import SETUPS

ACCOUNT = "AC" + "0a" * 16
AUTH_TOKEN = "the-carriers-secret-of-these-tests"
OUR_NUMBER = "+46313900600"
QUICK_POLICY = {"wait_between_numbers_seconds": 0, "wait_between_rounds_seconds": 1, "rounds": 2}
TEXT = "Hej {first_name}! Det brinner i centralarkivet. Tryck 1 om du kommer, tryck 2 om du inte kan."
RESPONSES = {"1": {"label": "Kommer", "reply": "Tack."}, "2": {"label": "Kan inte", "reply": "Tack ändå."}}
LONGEST_WAIT_SECONDS = 60.0
ON_BOTH_DATABASES = pytest.mark.parametrize("database_settings", SETUPS[:2], indirect=True)
ON_EVERY_SETUP = pytest.mark.parametrize("database_settings", SETUPS, indirect=True)
"""For a test whose organisation takes the fixture `database_settings`."""
WORKERS = ("call", "call", "tts", "scheduler", "scheduler")
"""Beside the web process, where a broker stands between them."""

everywhere: dict[str, Any] = {}
"""Settings of every organisation, under those that its test gives: for a run of all tests on one set-up."""


class Organisation:
    """What an operator can do and see, through the API alone."""

    def __init__(
        self, base_url: str, session: aiohttp.ClientSession, simulator: Simulator, runtime: Runtime | None = None
    ) -> None:
        self._runtime = runtime
        self.base_url = base_url
        self.session = session
        self.simulator = simulator

    @property
    def runtime(self) -> Runtime:
        """What the process holds, where it is this one."""
        assert self._runtime is not None
        return self._runtime

    async def call_api(self, method: str, path: str, status: int = 200, **arguments: Any) -> Any:
        """The JSON of the answer, which must have this status."""
        async with self.session.request(method, self.base_url + path, **arguments) as answer:
            body = await answer.text()
            assert answer.status == status, f"{method} {path}: {answer.status} {body}"
            return await answer.json(content_type=None) if body else None

    async def import_people(self, people: Mapping[str, Sequence[str]], group: str = "Alla") -> str:
        """Names with their numbers in order; the id of their group."""
        columns = max(len(numbers) for numbers in people.values())
        lines = [";".join(["Namn", "Grupp", *(f"Telefon {place + 1}" for place in range(columns))])]
        lines += [";".join([name, group, *numbers]) for name, numbers in people.items()]
        form = aiohttp.FormData()
        form.add_field("file", "\n".join(lines).encode(), filename="people.csv", content_type="text/csv")
        result = await self.call_api("POST", "/api/contacts/import", data=form)
        assert result["errors"] == [], result
        groups = await self.call_api("GET", "/api/groups")
        return next(str(entry["id"]) for entry in groups["items"] if entry["name"] == group)

    async def start_run(self, group_id: str, status: int = 202, **wish: Any) -> Any:
        headers = wish.pop("headers", {})
        body = {
            "name": "Brand",
            "group_id": group_id,
            "text": TEXT,
            "language": "sv",
            "responses": RESPONSES,
            "policy": QUICK_POLICY,
            **wish,
        }
        return await self.call_api("POST", "/api/runs", status, json=body, headers=headers)

    async def show(self, run_id: str) -> Any:
        return await self.call_api("GET", f"/api/runs/{run_id}")

    async def wait_until(self, run_id: str, state: str, seconds: float = LONGEST_WAIT_SECONDS) -> Any:
        """The run as it is once it is in this state and over, for states that end one."""
        async with asyncio.timeout(seconds):
            while True:
                run = await self.show(run_id)
                if run["state"] == state and (state in ("running", "paused", "scheduled") or run["ended_at"]):
                    return run
                await asyncio.sleep(0.05)

    async def recipients(self, run_id: str) -> dict[str, Any]:
        """Everybody by name."""
        page = await self.call_api("GET", f"/api/runs/{run_id}/recipients?limit=500")
        return {entry["name"]: entry for entry in page["items"]}

    async def calls(self, run_id: str) -> list[Any]:
        items: list[Any] = []
        while True:
            page = await self.call_api("GET", f"/api/runs/{run_id}/calls?limit=500&offset={len(items)}")
            items += page["items"]
            if len(items) >= page["total"]:
                return items

    async def calls_placed(self, at_least: int) -> int:
        """Wait until the network has heard of so many calls; how many it has."""
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            await self.simulator.network.changes.until(lambda: len(self.simulator.ledger()["calls"]) >= at_least)
        return len(self.simulator.ledger()["calls"])

    def rung(self) -> Counter[str]:
        """How often the network rang each number."""
        return Counter(str(row["to"]) for row in self.simulator.ledger()["calls"])

    async def assert_nobody_lost_or_rung_twice(self, *run_ids: str) -> None:
        """What every acceptance test ends with: the ledgers of all runs there were balance, and the network knows of
        no call but theirs."""
        ours: dict[str, Any] = {}
        for run_id in run_ids:
            run = await self.show(run_id)
            counts = run["counts"]
            assert run["ledger_balances"], counts
            assert counts["recipients"] == counts["reached"] + counts["not_reached"] + counts["stopped"]
            ours |= {call["call_sid"]: call for call in await self.calls(run_id) if call["call_sid"]}
        theirs = {row["sid"]: row for row in self.simulator.ledger()["calls"]}
        assert ours.keys() == theirs.keys()
        for sid, call in ours.items():
            assert call["status"] == theirs[sid]["status"], (call, theirs[sid])
        for number, calls in _by_number(theirs.values()).items():
            assert not _overlaps(calls), f"two calls to {number} at once"


def _by_number(rows: Any) -> dict[str, list[Any]]:
    by_number: dict[str, list[Any]] = {}
    for row in rows:
        by_number.setdefault(row["to"], []).append(row)
    return by_number


def _overlaps(calls: list[Any]) -> bool:
    ordered = sorted(calls, key=lambda row: str(row["created"]))
    return any(first["ended"] > second["created"] for first, second in pairwise(ordered))


@asynccontextmanager
async def running_organisation(
    folder: Path,
    simulator_options: SimulatorOptions | None = None,
    *,
    clock: Clock = utc_now,
    **settings: Any,
) -> AsyncIterator[Organisation]:
    """GDial in this event loop beside a simulated carrier, over which it makes real runs."""
    async with (
        running_simulator(simulator_options or SimulatorOptions(speed=50)) as simulator,
        organisation_over(simulator, folder, clock=clock, **settings) as organisation,
    ):
        yield organisation


def _settings_of_worker(settings: Settings, web: Runtime, place: int) -> Settings:
    """With a data folder of its own, as on another machine."""
    own = {
        "data_dir": settings.data_dir / f"worker-{place}",
        "audio_dir": settings.data_dir / f"worker-{place}" / "audio",
        "metrics_port": 0,
        "public_url": web.public_url,
    }
    return settings.model_copy(update=own)


@asynccontextmanager
async def organisation_over(
    simulator: Simulator, folder: Path, *, clock: Clock = utc_now, **settings: Any
) -> AsyncIterator[Organisation]:
    """GDial in this event loop over a carrier that runs already."""
    port = int(settings.pop("api_port", free_port()))
    chosen = explicit_settings(
        **{
            "data_dir": folder,
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": AUTH_TOKEN,
            "twilio_from_number": OUR_NUMBER,
            "twilio_api_base": simulator.base_url,
            "api_port": port,
            "calls_per_second": 50,
            "max_concurrent_calls": 100,
        }
        | everywhere
        | settings
    )
    stop = asyncio.Event()
    ready = asyncio.Event()
    async with open_runtime(chosen, clock=clock) as runtime, asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(create_app(runtime), "127.0.0.1", port, started=lambda _url: ready.set(), stop=stop))
        if chosen.rabbitmq_url is None:
            tasks.create_task(run_embedded_workers(runtime, stop))
        else:
            tasks.create_task(ring_where_needed(runtime, stop))
            for place, kind in enumerate(WORKERS):
                tasks.create_task(work(kind, _settings_of_worker(chosen, runtime, place), stop, clock=clock))
        await ready.wait()
        headers = {"Authorization": f"Bearer {runtime.api_token}"}
        try:
            async with aiohttp.ClientSession(headers=headers) as session:
                yield Organisation(f"http://127.0.0.1:{port}", session, simulator, runtime)
        finally:
            stop.set()
