"""How long tts workers take for many distinct texts, and what the same texts cost a second time.

    python -m benchmarks.speech [texts] [workers]
    python -m benchmarks.speech people [people] [workers]

The workers are processes of their own, with a data folder each, over a private RabbitMQ and a private PostgreSQL on the
same machine. Each text is a message of six seconds and a job of its own, as other programs publish them. The clock runs
from the first job until the last piece is in the database; no voice is loaded before. The figure to hold it against:
500 texts by 2 workers in 15 s on two quiet cores, and none made again. CPU seconds are told beside it, since a machine
that does other things takes longer.

With `people` it is a run of so many people with 500 first names, spoken ahead: it costs 501 pieces, and a few for what
GDial itself says.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import structlog
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select, update

from gdial.actions.speak_ahead import LookAhead
from gdial.dialing.states import RecipientState
from gdial.queue.jobs import TTS, TtsJob, write_job
from gdial.queue.rabbitmq import RabbitQueue
from gdial.storage import workers
from gdial.storage.database import Database
from gdial.storage.migrate import upgrade
from gdial.storage.tables import audio_pieces, recipients
from tests.support.dialling import dialling
from tests.support.services import private_postgres, private_rabbitmq
from tests.support.serving import GdialProcess
from tests.support.stored_runs import make_person, store_run

TEXT = "Hej {name}! Det brinner i centralarkivet. Tryck ett om du kommer, tryck två om du inte kan."
NAMES = 500
PACE = 50.0
RUNG_AT_ONCE = 500
LOOK_SECONDS = 0.2


@dataclass
class Bench:
    """The two servers, and the workers at work."""

    url: str
    database: Database
    queue: RabbitQueue
    server_pids: tuple[int, int]

    async def pieces(self) -> int:
        async with self.database.reading() as tx:
            return (await tx.execute(select(func.count()).select_from(audio_pieces))).scalar_one()

    async def crew(self) -> list[workers.Worker]:
        async with self.database.reading() as tx:
            return await workers.everybody(tx)

    async def figure(self, name: str, **labels: str) -> float:
        """Of all workers together."""
        total = 0.0
        async with aiohttp.ClientSession() as session:
            for each in await self.crew():
                async with session.get(f"http://{each.metrics_address}/metrics") as answer:
                    families = text_string_to_metric_families(await answer.text())
                samples = [sample for family in families for sample in family.samples if sample.name == name]
                total += sum(sample.value for sample in samples if labels.items() <= sample.labels.items())
        return total

    async def jobs_done(self) -> float:
        return await self.figure("gdial_jobs_processed_total", job_type="tts", status="success")

    async def made(self) -> float:
        return await self.figure("gdial_speech_pieces_total", result="made")

    async def cpu(self) -> tuple[float, float]:
        """Seconds of the workers with their voices, and of the servers."""
        return tree_seconds(each.process_id for each in await self.crew()), tree_seconds(self.server_pids)


def tree_seconds(pids: Iterable[int]) -> float:
    """What these processes and all below them have used of the processor."""
    by_parent: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split() if folder.name.isdigit() else []
        except OSError:
            continue
        if fields:
            by_parent.setdefault(int(fields[1]), []).append(int(folder.name))
            used[int(folder.name)] = sum(map(int, fields[11:15]))
    found = list(pids)
    for pid in found:
        found += by_parent.get(pid, [])
    return sum(used.get(pid, 0) for pid in found) / os.sysconf("SC_CLK_TCK")


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    while not await is_so():  # noqa: ASYNC110 - it is other processes that change
        await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def bench(folder: Path, crew: int) -> AsyncIterator[Bench]:
    with private_postgres() as postgres, private_rabbitmq() as rabbitmq:
        url = postgres.create_database()
        database = Database(url)
        await upgrade(database)
        queue = await RabbitQueue.open(rabbitmq.url)
        running = [_worker(folder / f"worker-{place}", url, rabbitmq.url) for place in range(crew)]
        found = Bench(url, database, queue, (postgres.server.pid, rabbitmq.server.pid))

        async def all_alive() -> bool:
            return len(await found.crew()) == crew

        try:
            await asyncio.gather(*(each.launch() for each in running))
            await until(all_alive)
            yield found
        finally:
            await asyncio.gather(*(each.stop() for each in running if each.is_running))
            await queue.close()
            await database.close()


def _worker(folder: Path, database_url: str, rabbitmq_url: str) -> GdialProcess:
    folder.mkdir(parents=True)
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "RABBITMQ_URL": rabbitmq_url,
        "METRICS_PORT": "0",
        "API_TOKEN": "a-token-for-this-benchmark",
        "LOG_LEVEL": "warning",
        "TTS_PREFETCH": os.environ.get("TTS_PREFETCH", "1"),
    }
    return GdialProcess(["worker", "tts"], folder, environment, "worker.log")


async def speak_all(found: Bench, texts: int) -> None:
    """Once and again, each time with what it took."""
    for word in ("first", "again"):
        before, made, done = await found.cpu(), await found.made(), await found.jobs_done()
        began_at = time.monotonic()
        jobs = [TtsJob(text_content=TEXT.format(name=f"Namn {place}"), language="sv") for place in range(texts)]
        await asyncio.gather(*(found.queue.publish(TTS, write_job(job)) for job in jobs))

        async def all_done(goal: float = done + texts) -> bool:
            return await found.jobs_done() >= goal

        await until(all_done)
        seconds = time.monotonic() - began_at
        after = await found.cpu()
        print(
            f"{word}: {texts} texts in {seconds:.1f} s, {texts / seconds:.0f} a second; "
            f"made {await found.made() - made:.0f}, in the database {await found.pieces()}; "
            f"CPU: workers {after[0] - before[0]:.1f} s, servers {after[1] - before[1]:.1f} s"
        )


async def speak_ahead(found: Bench, folder: Path, people: int) -> None:
    """As a scheduler does, of a run whose people are rung as fast as they are spoken for."""
    began_at = time.monotonic()
    async with dialling(folder, found.url, calls_per_second=PACE) as office:
        rt = replace(office.rt, queue=found.queue)
        crowd = [
            replace(make_person(f"+4670{1_000_000 + place}"), fields={"first_name": f"Namn {place % NAMES}"})
            for place in range(people)
        ]
        run = await store_run(found.database, *crowd, text=TEXT.replace("{name}", "{first_name}"))
        await rt.queue.publish(TTS, write_job(TtsJob(call_run_id=run.id)))
        look, jobs = LookAhead(rt), 0
        for rung in range(0, people + 1, RUNG_AT_ONCE):
            await ring_the_first(found.database, rung)
            await look.look()
            await until(lambda: _is_empty(found.queue))
        await asyncio.sleep(1)
        jobs = round(await found.jobs_done())
        print(
            f"{people} people, {NAMES} first names: {jobs} jobs, made {await found.made():.0f}, in the database "
            f"{await found.pieces()}, {time.monotonic() - began_at:.1f} s with storing and ringing"
        )


async def ring_the_first(database: Database, count: int) -> None:
    async with database.transaction() as tx:
        first = recipients.c.position < count
        await tx.execute(update(recipients).where(first).values(state=RecipientState.ENDED))


async def _is_empty(queue: RabbitQueue) -> bool:
    return await queue.depth(TTS) == 0


async def measure(folder: Path, words: list[str]) -> None:
    ahead = words[:1] == ["people"]
    numbers = [int(word) for word in words[ahead:]]
    crew = numbers[1] if len(numbers) > 1 else 2
    async with bench(folder, crew) as found:
        if ahead:
            await speak_ahead(found, folder / "scheduler", numbers[0] if numbers else 10_000)
        else:
            await speak_all(found, numbers[0] if numbers else 500)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), sys.argv[1:]))


if __name__ == "__main__":
    main()
