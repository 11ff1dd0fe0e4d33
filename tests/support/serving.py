"""`gdial serve` as a process of its own, over a telephone network in the test's event loop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import aiohttp

from gdial.simulator.server import Simulator
from tests.support.organisation import ACCOUNT, AUTH_TOKEN, OUR_NUMBER, Organisation
from tests.support.ports import free_port

API_TOKEN = "a-token-for-these-tests-alone"
START_SECONDS = 60.0


class Carrier(Protocol):
    """A telephone network: in this event loop, or in a process of its own."""

    @property
    def base_url(self) -> str: ...


def environment_of(folder: Path, simulator: Carrier, **settings: object) -> dict[str, str]:
    """Of a process with its own data folder, over this telephone network; nothing of the test's own but the paths."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    chosen = {
        "data_dir": folder / "data",
        "api_token": API_TOKEN,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": AUTH_TOKEN,
        "twilio_from_number": OUR_NUMBER,
        "twilio_api_base": simulator.base_url,
        **settings,
    }
    return kept | {name.upper(): str(value) for name, value in chosen.items()}


class GdialProcess:
    """A `gdial` command that runs on, started and killed at will; what it says is in `log`."""

    def __init__(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log_name: str) -> None:
        self.log = folder / log_name
        self._arguments = arguments
        self._folder = folder
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def launch(self) -> None:
        """Begin it, and wait for nothing."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "gdial", *self._arguments, cwd=self._folder, env=self._environment,
                stdout=log, stderr=log,
            )  # fmt: skip

    def processor_seconds(self) -> float:
        """What it has used so far, its children left out."""
        assert self._process is not None
        stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def highest_memory_mib(self) -> float:
        """The most that the process itself has had in memory since it started (VmHWM, Linux)."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to end; the exit code."""
        return await self._end(signal.SIGTERM)

    async def wait(self) -> int:
        """Until it ends; the exit code."""
        assert self._process is not None
        return await self._process.wait()

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        return await self.wait()


class ServingProcess(GdialProcess):
    """`gdial serve`, always on the same folder and port."""

    def __init__(self, folder: Path, simulator: Carrier, **settings: object) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        environment = environment_of(folder, simulator, api_port=self.port, **settings)
        super().__init__(["serve", "--no-simulator"], folder, environment, "serve.log")

    async def start(self) -> None:
        await self.launch()
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                assert self.is_running, self.log.read_text()
                await asyncio.sleep(0.05)

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.base_url}/health/live") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def serving(
    folder: Path, simulator: Simulator, **settings: object
) -> AsyncIterator[tuple[ServingProcess, Organisation]]:
    """A started process, and what an operator can do over its API."""
    process = ServingProcess(folder, simulator, **settings)
    await process.start()
    headers = {"Authorization": f"Bearer {API_TOKEN}"}
    try:
        async with aiohttp.ClientSession(headers=headers) as session:
            yield process, Organisation(process.base_url, session, simulator)
    finally:
        await process.kill()
