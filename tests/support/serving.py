"""`gdial serve` as a process of its own, over a telephone network in the test's event loop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from gdial.simulator.server import Simulator
from tests.support.organisation import ACCOUNT, AUTH_TOKEN, OUR_NUMBER, Organisation, free_port

API_TOKEN = "a-token-for-these-tests-alone"
START_SECONDS = 30.0


class ServingProcess:
    """Started and killed at will, always on the same folder and port."""

    def __init__(self, folder: Path, simulator: Simulator, **settings: object) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "serve.log"
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")} | {
            "DATA_DIR": str(folder / "data"),
            "API_PORT": str(self.port),
            "API_TOKEN": API_TOKEN,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_FROM_NUMBER": OUR_NUMBER,
            "TWILIO_API_BASE": simulator.base_url,
            **{name.upper(): str(value) for name, value in settings.items()},
        }

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gdial",
                "serve",
                "--no-simulator",
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                assert self._process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.05)

    def processor_seconds(self) -> float:
        """What it has used so far, its children left out."""
        assert self._process is not None
        stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to end; the exit code."""
        return await self._end(signal.SIGTERM)

    def highest_memory_mib(self) -> float:
        """The most that the process itself has had in memory since it started (VmHWM, Linux)."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        return await self._process.wait()

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
