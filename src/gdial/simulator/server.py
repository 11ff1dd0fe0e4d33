"""Runs the simulated network: as a program of its own, or inside a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from gdial.errors import SetupError
from gdial.simulator.app import build_app
from gdial.simulator.calls.record import Call
from gdial.simulator.clock import ScaledClock
from gdial.simulator.ledger import Row, write_rows
from gdial.simulator.network import Network
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.profile import Profile, default_profile, read_profile
from gdial.simulator.phones import Phones

MOST_CONNECTIONS = 4096
# Below the five seconds after which common servers drop an idle connection: a request must not meet the drop.
IDLE_CONNECTION_SECONDS = 2.0


class Simulator:
    """A running network, from inside its process."""

    def __init__(self, base_url: str, network: Network) -> None:
        self.base_url = base_url
        """`http://127.0.0.1:PORT`, where the vendor's API begins."""
        self.network = network

    @property
    def phones(self) -> Phones:
        """The phones: `phones.script(number, Press(...), ...)` sets what one does next."""
        return self.network.phones

    def ledger(self) -> dict[str, list[Row]]:
        """The same as `GET /ledger`."""
        return {"calls": list(write_rows(self.network.store))}

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

    Raises `SetupError` when the port is taken, `InvalidInput` for a bad profile.
    """
    options = options or SimulatorOptions()
    profile = _load_profile(options.profile)
    connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=IDLE_CONNECTION_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
    ) as session:
        network = Network(options, profile, options.clock or ScaledClock(options.speed), session)
        app = build_app(network, options)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            yield Simulator(await _listen(runner, options), network)
        finally:
            await network.close()
            await runner.cleanup()


async def serve_simulator(options: SimulatorOptions, *, ready: Callable[[str], None] | None = None) -> None:
    """Run until cancelled; `ready` is told the base URL once the network listens. Raises as `running_simulator`."""
    async with running_simulator(options) as simulator:
        if ready is not None:
            ready(simulator.base_url)
        await asyncio.Event().wait()


def _load_profile(profile: Profile | Path | None) -> Profile:
    if profile is None:
        return default_profile()
    return read_profile(profile) if isinstance(profile, Path) else profile


async def _listen(runner: web.AppRunner, options: SimulatorOptions) -> str:
    site = web.TCPSite(runner, options.host, options.port, backlog=1024)
    try:
        await site.start()
    except OSError as error:
        text = f"the simulated network cannot listen on {options.host}:{options.port}: {error.strerror or error}"
        raise SetupError(f"{text}; choose another with --port, or 0 for a free one") from error
    port = runner.addresses[0][1]
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"http://{host}:{port}"
