"""GDial as on several servers: web, workers and schedulers as processes of their own, over RabbitMQ and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from gdial.simulator.server import Simulator
from tests.support.organisation import Organisation
from tests.support.serving import API_TOKEN, Carrier, GdialProcess, ServingProcess, environment_of

CALL_WORKERS, TTS_WORKERS, SCHEDULERS = 3, 2, 2


class Workers:
    """The workers of a system by kind, each with a data folder of its own."""

    def __init__(self, folder: Path, simulator: Carrier, **settings: object) -> None:
        self.by_kind: dict[str, list[GdialProcess]] = {"call": [], "tts": [], "scheduler": []}
        for kind, count in (("call", CALL_WORKERS), ("tts", TTS_WORKERS), ("scheduler", SCHEDULERS)):
            for place in range(count):
                own = folder / f"{kind}-{place}"
                own.mkdir()
                environment = environment_of(own, simulator, metrics_port=0, **settings)
                self.by_kind[kind].append(GdialProcess(["worker", kind], own, environment, "worker.log"))

    @property
    def all(self) -> list[GdialProcess]:
        return [process for processes in self.by_kind.values() for process in processes]

    async def launch(self) -> None:
        await asyncio.gather(*(process.launch() for process in self.all))

    async def stop(self) -> list[int]:
        """Ask all of them to end; their exit codes."""
        return list(await asyncio.gather(*(process.stop() for process in self.all)))

    async def kill(self) -> None:
        await asyncio.gather(*(process.kill() for process in self.all if process.is_running))


@asynccontextmanager
async def distributed(
    folder: Path, simulator: Simulator, **settings: object
) -> AsyncIterator[tuple[ServingProcess, Workers, Organisation]]:
    """The web process, the workers, and what an operator can do. Everything is there when the block begins.

    `settings` name the database and the broker.
    """
    own = folder / "web"
    own.mkdir()
    web = ServingProcess(own, simulator, **settings)
    shared = {"public_url": web.base_url, **settings}
    workers = Workers(folder, simulator, **shared)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(workers.kill)
        await workers.launch()
        await web.start()
        stack.push_async_callback(web.kill)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_TOKEN}"})
        )
        organisation = Organisation(web.base_url, session, simulator)
        await until_working(organisation, len(workers.all))
        yield web, workers, organisation


async def until_working(organisation: Organisation, workers: int, seconds: float = 60) -> None:
    """Wait until so many workers tell that they live."""
    async with asyncio.timeout(seconds):
        while await living(organisation) < workers:  # noqa: ASYNC110 - it is another process that changes
            await asyncio.sleep(0.2)


async def living(organisation: Organisation) -> int:
    page = await organisation.call_api("GET", "/api/workers")
    return sum(worker["alive"] and worker["kind"] != "web" for worker in page["items"])
