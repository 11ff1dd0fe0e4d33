"""The system of a trial: every process of it, and how each is killed and started again."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiohttp

from gdial.storage import migrate
from gdial.storage.database import Database
from tests.chaos.crowd import profile
from tests.chaos.plan import BROKER, DATABASE, PLACES, WEB, Scale
from tests.support.distributed import Workers
from tests.support.ports import free_port
from tests.support.services import (
    PrivatePostgres,
    PrivateRabbitmq,
    PrivateServer,
    private_postgres,
    private_rabbitmq,
)
from tests.support.serving import START_SECONDS, GdialProcess, ServingProcess

Opened = TypeVar("Opened")

SIMULATOR_SPEED = 15
LINES_PER_CALL_A_SECOND = 8
PATIENCE = {
    "carrier_timeout_sec": 3,
    "unknown_first_list_sec": 6,
    "unknown_second_list_sec": 4,
    "reconcile_after_sec": 5,
    "answered_silence_sec": 20,
    "feed_lease_sec": 15,
}
"""Shorter than in earnest, so that a trial lasts minutes; the carrier's list lags by less than the first of them."""


class Victim(Protocol):
    """What can be killed as by `kill -9`, and started again with what it kept on its disk."""

    async def kill(self) -> None: ...

    async def start(self) -> None: ...


class Process:
    """A process of GDial."""

    def __init__(self, process: GdialProcess) -> None:
        self.process = process

    async def kill(self) -> None:
        await self.process.kill()

    async def start(self) -> None:
        await self.process.launch()


class Server:
    """PostgreSQL or RabbitMQ, in a thread of its own: it ends with the thread that started it."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.server: PrivateServer | None = None

    async def run(self, work: Callable[[], Opened]) -> Opened:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work)

    async def open(self, stack: AsyncExitStack, context: AbstractContextManager[Opened]) -> Opened:
        opened = await self.run(context.__enter__)
        stack.push_async_callback(self.run, lambda: context.__exit__(None, None, None))
        return opened

    async def kill(self) -> None:
        assert self.server is not None
        await self.run(self.server.kill)

    async def start(self) -> None:
        assert self.server is not None
        await self.run(self.server.start)


class TelephoneNetwork(GdialProcess):
    """`gdial sim` in a process of its own: what it says of its calls is the truth."""

    def __init__(self, folder: Path, seed: int) -> None:
        port, control_port = free_port(), free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        self.control_url = f"http://127.0.0.1:{control_port}"
        who = folder / "people.json"
        who.write_text(json.dumps(profile()))
        options = {"port": port, "control-port": control_port, "speed": SIMULATOR_SPEED, "seed": seed, "profile": who}
        arguments = ["sim", *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
        super().__init__(arguments, folder, {"PATH": "/usr/bin:/bin"}, "network.log")

    async def start(self) -> None:
        await self.launch()
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as session:
            while not await _answers(session, f"{self.control_url}/health/live"):
                assert self.is_running, self.log.read_text()
                await asyncio.sleep(0.05)


class System:
    """Everything that runs. `folder` has the logs."""

    def __init__(self, folder: Path, network: TelephoneNetwork, web: ServingProcess, workers: Workers) -> None:
        self.folder = folder
        self.network = network
        self.web = web
        self.workers = workers
        self.postgres = Server()
        self.rabbitmq = Server()
        self.database_url = ""

    @property
    def processes(self) -> dict[str, GdialProcess]:
        """Those of GDial by name."""
        named = {name: worker for kind in ("call", "tts", "scheduler") for name, worker in self._named(kind)}
        return {WEB: self.web, **named}

    def _named(self, kind: str) -> list[tuple[str, GdialProcess]]:
        return list(zip(PLACES[kind], self.workers.by_kind[kind], strict=True))

    @property
    def victims(self) -> dict[str, Victim]:
        processes = {name: Process(process) for name, process in self.processes.items()}
        return {**processes, BROKER: self.rabbitmq, DATABASE: self.postgres}

    @property
    def logs(self) -> dict[str, Path]:
        return {name: process.log for name, process in self.processes.items()}

    @property
    def database_log(self) -> Path:
        assert self.postgres.server is not None
        return self.postgres.server.log

    def keep_logs_of_servers(self) -> None:
        for name, kept in (("postgres", self.postgres), ("rabbitmq", self.rabbitmq)):
            if kept.server is not None:
                shutil.copy(kept.server.log, self.folder / f"{name}.log")


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@asynccontextmanager
async def running_system(folder: Path, seed: int, scale: Scale) -> AsyncIterator[System]:
    """Web, workers, broker, database and telephone network, all started; everything is killed at the end."""
    async with AsyncExitStack() as stack:
        postgres, rabbitmq = Server(), Server()
        network = TelephoneNetwork(folder, seed)
        stack.push_async_callback(_kill, network)
        databases: PrivatePostgres
        broker: PrivateRabbitmq
        databases, broker, _ = await asyncio.gather(
            postgres.open(stack, private_postgres()), rabbitmq.open(stack, private_rabbitmq()), network.start()
        )
        postgres.server, rabbitmq.server = databases.server, broker.server
        database_url = await postgres.run(databases.create_database)
        await _upgrade(database_url)
        system = _system(folder, network, {"database_url": database_url, "rabbitmq_url": broker.url, **_pace(scale)})
        system.postgres, system.rabbitmq, system.database_url = postgres, rabbitmq, database_url
        stack.callback(system.keep_logs_of_servers)
        stack.push_async_callback(_kill, *system.processes.values())
        await asyncio.gather(system.workers.launch(), system.web.start())
        yield system


def _pace(scale: Scale) -> dict[str, Any]:
    lines = scale.calls_per_second * LINES_PER_CALL_A_SECOND
    return {"calls_per_second": scale.calls_per_second, "max_concurrent_calls": lines, "call_prefetch": 10, **PATIENCE}


def _system(folder: Path, network: TelephoneNetwork, settings: dict[str, Any]) -> System:
    settings = {"log_format": "json", **settings}
    own = folder / WEB
    own.mkdir()
    web = ServingProcess(own, network, **settings)
    return System(folder, network, web, Workers(folder, network, public_url=web.base_url, **settings))


async def _upgrade(url: str) -> None:
    database = Database(url)
    await migrate.upgrade(database)
    await database.close()


async def _kill(*processes: GdialProcess) -> None:
    await asyncio.gather(*(process.kill() for process in processes if process.is_running))
