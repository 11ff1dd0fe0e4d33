"""Runs the simulated network: as a program of its own, or inside a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from gdial.simulator.app import build_app
from gdial.simulator.calls.record import Call
from gdial.simulator.clock import ScaledClock
from gdial.simulator.faults.injector import FaultInjector
from gdial.simulator.faults.plan import FaultPlan
from gdial.simulator.faults.reading import read_fault_plan
from gdial.simulator.ledger import Row, write_rows
from gdial.simulator.listening import Door, keep_outages
from gdial.simulator.network import Network
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.profile import Profile, default_profile, read_profile
from gdial.simulator.phones import Phones
from gdial.simulator.tasks import stop_tasks

MOST_CONNECTIONS = 4096
# Below the five seconds after which common servers drop an idle connection: a request must not meet the drop.
IDLE_CONNECTION_SECONDS = 2.0


class Simulator:
    """A running network, from inside its process."""

    def __init__(self, base_url: str, control_url: str, network: Network) -> None:
        self.base_url = base_url
        """`http://127.0.0.1:PORT`, where the vendor's API begins."""
        self.control_url = control_url
        """The same routes, where an outage of the plan does not close them if there is a `control_port`."""
        self.network = network

    @property
    def phones(self) -> Phones:
        """The phones: `phones.script(number, Press(...), ...)` sets what one does next."""
        return self.network.phones

    def ledger(self) -> dict[str, list[Row]]:
        """The same as `GET /ledger`."""
        return {"calls": list(write_rows(self.network.store))}

    @property
    def faults(self) -> FaultInjector:
        """What goes wrong: `faults.replace(plan)`, and `faults.injected` counts."""
        return self.network.faults

    async def wait_for(self, condition: Callable[[Call], bool]) -> Call:
        """The newest call that meets the condition, as soon as there is one."""
        found: list[Call] = []

        def look() -> bool:
            found[:] = [call for call in self.network.store.newest_first() if condition(call)]
            return bool(found)

        await self.network.changes.until(look)
        return found[0]

    async def wait_until_idle(self) -> None:
        """Wait until no call is open and every callback is delivered."""
        await self.network.wait_until_idle()


@asynccontextmanager
async def running_simulator(options: SimulatorOptions | None = None) -> AsyncIterator[Simulator]:
    """Run a network in this event loop.

    Raises `SetupError` when the port is taken, `InvalidInput` for a bad profile or fault plan.
    """
    options = options or SimulatorOptions()
    profile = _load_profile(options.profile)
    connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=IDLE_CONNECTION_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
    ) as session:
        clock = options.clock or ScaledClock(options.speed)
        faults = FaultInjector(_load_faults(options.faults), options.seed, clock)
        network = Network(options, profile, faults, session)
        runner = web.AppRunner(build_app(network, options), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        async with _open_doors(runner, options, network) as (base_url, control_url):
            yield Simulator(base_url, control_url, network)


@asynccontextmanager
async def _open_doors(
    runner: web.AppRunner, options: SimulatorOptions, network: Network
) -> AsyncIterator[tuple[str, str]]:
    door, control = Door(runner, options.host), Door(runner, options.host)
    try:
        await door.open(options.port, "--port")
        if options.control_port is not None:
            await control.open(options.control_port, "--control-port")
        outages = asyncio.create_task(keep_outages(door, network.faults))
        try:
            yield door.url, control.url or door.url
        finally:
            await stop_tasks(outages)
    finally:
        await network.close()
        await runner.cleanup()
        door.leave()
        control.leave()


async def serve_simulator(options: SimulatorOptions, *, ready: Callable[[Simulator], None] | None = None) -> None:
    """Run until cancelled; `ready` is handed the network once it listens. Raises as `running_simulator`."""
    async with running_simulator(options) as simulator:
        if ready is not None:
            ready(simulator)
        await asyncio.Event().wait()


def _load_profile(profile: Profile | Path | None) -> Profile:
    if profile is None:
        return default_profile()
    return read_profile(profile) if isinstance(profile, Path) else profile


def _load_faults(faults: FaultPlan | Path | None) -> FaultPlan:
    if faults is None:
        return FaultPlan()
    return read_fault_plan(faults) if isinstance(faults, Path) else faults
