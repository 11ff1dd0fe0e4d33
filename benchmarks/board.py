"""What viewers of a live run cost the web process, and how long a search among its people takes.

    python -m benchmarks.board [viewers] [sqlite|postgresql] [people] [seconds]

One process serves the board, another changes 200 people of the run a second, each in a transaction of its own. The
viewers hear the change feed and do what the page does on each of its events: they get the list of people anew when they
are told to. Counted is the processor time of the serving process, without viewers and with them. The figures to hold it
against: a tenth of a core for 20 viewers, 300 ms for a search among 10,000.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import aiohttp

from gdial.dialing.states import Outcome, Reason, RecipientState
from gdial.settings import get_settings
from gdial.storage import recipients
from gdial.storage.database import Database
from tests.support.runtime import opened_runtime
from tests.support.services import private_postgres
from tests.support.stored_runs import load, make_person, store_run
from tests.support.web import AUTHORIZED, served

CHANGES_A_SECOND = 200
RESPONSES = {"1": {"label": "Kommer", "reply": "Tack."}, "2": {"label": "Kan inte", "reply": "Tack."}}


def now() -> datetime:
    return datetime.now(UTC)


async def serve_board(people: int) -> None:
    """Until it is killed; says where it listens, the run, and one of its people after the other."""
    async with opened_runtime(get_settings(), now) as runtime:  # type: ignore[arg-type]
        crowd = [
            make_person(f"+4670{1_000_000 + place}", name=f"Åsa Ek {place:05}", due_at=now()) for place in range(people)
        ]
        run = await store_run(
            runtime.database, *crowd, responses=RESPONSES, started_at=now(), deadline_at=now() + timedelta(hours=1)
        )
        async with served(runtime) as api:
            print(api.url, run.id, *(person.id for person in crowd), flush=True)
            await asyncio.Event().wait()


async def change_people(url: str, ids: list[str]) -> None:
    """Everybody in turn is rung, and two of three are reached; at an even pace, until it is killed."""
    database = Database(url)
    begun, done = time.monotonic(), 0
    while True:
        for state in (RecipientState.CALLING, RecipientState.ENDED):
            await change(database, UUID(ids[done // 2 % len(ids)]), state, done)
            done += 1
            await asyncio.sleep(max(0.0, begun + done / CHANGES_A_SECOND - time.monotonic()))
            if done % 1000 == 0:
                print(f"{done / (time.monotonic() - begun):.0f}", flush=True)


async def change(database: Database, recipient_id: UUID, state: RecipientState, number: int) -> None:
    async with database.transaction() as tx:
        person = await load(tx, recipient_id, lock=True)
        facts = replace(person.facts, state=state, outcome=None, reason=None, answer=None, attempts=number, due_at=None)
        if state is RecipientState.ENDED and number % 3:
            facts = replace(facts, outcome=Outcome.REACHED, reason=Reason.KEY, answer=str(1 + number % 2))
        elif state is RecipientState.ENDED:
            facts = replace(facts, outcome=Outcome.NOT_REACHED, reason=Reason.NO_ANSWER)
        await recipients.save(tx, person, facts, now())


async def watch(session: aiohttp.ClientSession, page: str, heard: list[float]) -> None:
    """As the page does it."""
    headers = {**AUTHORIZED, "HX-Request": "true"}
    while True:
        async with session.get(f"{page}/events", headers=AUTHORIZED) as feed:
            async for line in feed.content:
                if line.startswith(b"event: figures"):
                    heard.append(time.monotonic())
                elif line.startswith((b"event: people", b"event: state")):
                    part = "people" if b"people" in line else "controls"
                    async with session.get(f"{page}/{part}", headers=headers) as answer:
                        assert answer.status == 200
                        await answer.read()


def processor_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def watching(page: str, viewers: int, heard: list[float]) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as session:
        tasks = [asyncio.create_task(watch(session, page, heard)) for _ in range(viewers)]
        await asyncio.sleep(3)
        yield session
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def measure(page: str, process_id: int, viewers: int, seconds: float) -> float:
    """The share of a core."""
    heard: list[float] = []
    async with watching(page, viewers, heard):
        heard.clear()
        began, used = time.monotonic(), processor_seconds(process_id)
        await asyncio.sleep(seconds)
        share = (processor_seconds(process_id) - used) / (time.monotonic() - began)
    told = len(heard) / viewers / seconds if viewers else 0
    print(f"{viewers:3} viewers: {share:6.1%} of a core; each was told {told:.2f} times a second")
    return share


async def search(page: str) -> None:
    async with aiohttp.ClientSession() as session:
        for words in ("Ek 0999", "070-100 99", "nobody"):
            took = []
            for _ in range(5):
                await asyncio.sleep(2.1)  # longer than a part is kept
                began = time.perf_counter()
                headers = {**AUTHORIZED, "HX-Request": "true"}
                async with session.get(f"{page}/people", params={"search": words}, headers=headers) as answer:
                    await answer.read()
                took.append(time.perf_counter() - began)
            print(f"search for {words!r}: {sorted(took)[2] * 1000:.0f} ms, at most {max(took) * 1000:.0f} ms")


async def compare(page: str, process_id: int, viewers: int, seconds: float) -> None:
    alone = await measure(page, process_id, 0, seconds)
    watched = await measure(page, process_id, viewers, seconds)
    print(f"cost of {viewers} viewers: {watched - alone:.1%} of a core")
    await search(page)


def main() -> None:
    viewers = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    people = sys.argv[3] if len(sys.argv) > 3 else "10000"
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 20.0
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{folder}/board.db"
        if sys.argv[2:3] == ["postgresql"]:
            url = stack.enter_context(private_postgres()).create_database()
        environment = {**os.environ, "DATABASE_URL": url, "DATA_DIR": folder}
        command = [sys.executable, "-m", "benchmarks.board"]
        with open(f"{folder}/log", "w", encoding="utf-8") as log:
            web = subprocess.Popen(  # noqa: S603
                [*command, "serve", people], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
            stack.callback(web.kill)
            assert web.stdout is not None
            address, run_id, *ids = next(line for line in web.stdout if line.startswith("http")).split()
            changer = subprocess.Popen([*command, "change", url, *ids[:4000]], stdout=log)  # noqa: S603
            stack.callback(changer.kill)
            asyncio.run(compare(f"{address}/runs/{run_id}", web.pid, viewers, seconds))
            rates = [line for line in Path(log.name).read_text("utf-8").split() if line.isdigit()]
            print(f"changes a second: {rates[-1] if rates else 'fewer than were wished for'}")


if __name__ == "__main__":
    match sys.argv[1:2]:
        case ["serve"]:
            asyncio.run(serve_board(int(sys.argv[2])))
        case ["change"]:
            asyncio.run(change_people(sys.argv[2], sys.argv[3:]))
        case _:
            main()
