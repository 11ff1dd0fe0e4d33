"""The change feed of a live run: what a viewer hears, from which process, how soon, and when it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import aiohttp
import pytest

from gdial.actions.change_run import pause_run
from gdial.dialing.states import Outcome
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage import recipients
from gdial.storage.database import Database
from gdial.web.dashboard.environment import make_environments
from gdial.web.dashboard.live_feed import LiveFeed, TooManyViewers
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.runtime import opened_runtime
from tests.support.stored_runs import ended, load, make_person, store_run
from tests.support.web import AUTHORIZED, Api, served

LONGEST_WAIT_SECONDS = 20
SOON_SECONDS = 3.0
"""A second is promised; the machine of a test may be three times slower."""


@dataclass
class Feed:
    """Server-sent events as a browser takes them in (HTML standard, 9.2.6)."""

    answer: aiohttp.ClientResponse
    heard: list[tuple[str, int, str]] = field(default_factory=list)

    async def next_event(self) -> tuple[str, int, str]:
        name, number, lines = "", 0, []
        while line := (await self.answer.content.readline()).decode().rstrip("\n"):
            key, _, value = line.partition(": ")
            match key:
                case "event":
                    name = value
                case "id":
                    number = int(value)
                case "data":
                    lines.append(value)
        if self.answer.content.at_eof() and not name:
            raise EOFError
        return name, number, "\n".join(lines)

    async def hear(self, name: str, part: str = "") -> tuple[int, str]:
        """The id and data of the next such event with this in it."""
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            while True:
                event = await self.next_event()
                if event[0] == name and part in event[2]:
                    return event[1], event[2]

    async def hear_all(self) -> dict[str, str]:
        """What is told to whoever comes: up to the last of them."""
        told: dict[str, str] = {}
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            while "trouble" not in told:
                name, _, data = await self.next_event()
                if name:
                    told[name] = data
        return told


@asynccontextmanager
async def following(api: Api, run_id: UUID, language: str = "sv") -> AsyncIterator[Feed]:
    headers = {**AUTHORIZED, "Accept-Language": language}
    async with api.session.get(f"{api.url}/runs/{run_id}/events", headers=headers, timeout=None) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield Feed(answer)


async def reach(runtime: Runtime, recipient_id: UUID) -> None:
    async with runtime.database.transaction() as tx:
        person = await load(tx, recipient_id, lock=True)
        reached = ended(make_person(), Outcome.REACHED, "1").facts
        await recipients.save(tx, person, reached, NOW)


async def test_whoever_comes_is_told_everything(api: Api, runtime: Runtime) -> None:
    people = [ended(make_person(name="Anna Ek"), Outcome.REACHED, "1"), make_person("+46701740606")]
    run = await store_run(runtime.database, *people)
    for language, words in (("sv", "Nådda"), ("en", "Reached")):
        async with following(api, run.id, language) as feed:
            told = await feed.hear_all()
        assert f"<dt>{words}</dt><dd>1</dd>" in told["figures"]
        assert json.loads(told["curve"])["reached"][-1] == 1
        assert "<table>" in told["curve_table"]
        assert (told["state"], told["trouble"]) == ("running", "")
        assert told["people"]
        assert "1" in told["summary"]


@pytest.mark.alone
async def test_what_one_process_does_viewers_of_another_see_within_a_second(
    database_url: str, make_settings: Callable[..., Settings], runtime: Runtime, api: Api
) -> None:
    person = make_person()
    run = await store_run(runtime.database, person)
    async with (
        opened_runtime(make_settings(database_url=database_url)) as elsewhere,
        served(elsewhere) as other,
        following(api, run.id) as here,
        following(other, run.id) as there,
    ):
        await asyncio.gather(here.hear_all(), there.hear_all())
        async with told_soon():
            await reach(elsewhere, person.id)
            for feed in (here, there):
                await feed.hear("figures", "<dt>Nådda</dt><dd>1</dd>")
        async with told_soon():
            assert (await api.post(f"/api/runs/{run.id}/stop", {})).status == 200
            for feed in (here, there):
                await feed.hear("state", "stopped")


@asynccontextmanager
async def told_soon() -> AsyncIterator[None]:
    began = asyncio.get_running_loop().time()
    yield
    assert asyncio.get_running_loop().time() - began < SOON_SECONDS


async def test_whoever_comes_back_has_missed_nothing(quick_api: Api, quick_runtime: Runtime) -> None:
    run = await store_run(quick_runtime.database, make_person())
    async with following(quick_api, run.id) as watcher:
        first = await watcher.hear("state", "running")
        async with following(quick_api, run.id) as lost:
            await lost.hear_all()
        await pause_run(quick_runtime, run.id)
        paused = await watcher.hear("state", "paused")
        assert paused[0] > first[0]
        async with following(quick_api, run.id) as back:
            assert (await back.hear_all())["state"] == "paused"


async def test_a_feed_ends_with_its_server(quick_runtime: Runtime) -> None:
    run = await store_run(quick_runtime.database, make_person())
    async with aiohttp.ClientSession() as session:
        async with served(quick_runtime) as running:
            answer = await session.get(f"{running.url}/runs/{run.id}/events", headers=AUTHORIZED)
            feed = Feed(answer)
            await feed.hear_all()
        # The feed's own end, long before the five seconds that the server would wait for an answer.
        with pytest.raises(EOFError):
            await feed.hear("never")
        answer.close()


async def test_so_many_may_watch_and_no_more(quick_runtime: Runtime) -> None:
    run = await store_run(quick_runtime.database, make_person())
    feed = LiveFeed(quick_runtime, make_environments("Europe/Stockholm"), most_viewers=2)
    stop = asyncio.Event()
    first, second, third = (feed.follow(run.id, "sv", stop) for _ in range(3))
    assert (await anext(first)).startswith(b"retry: ")
    await anext(second)
    with pytest.raises(TooManyViewers):
        await anext(third)
    await second.aclose()
    fourth = feed.follow(run.id, "sv", stop)
    await anext(fourth)
    assert b"event: figures" in await anext(fourth)
    stop.set()
    assert [said async for said in fourth] == []


async def test_a_database_that_is_away_is_told_to_those_who_watch(quick_runtime: Runtime) -> None:
    away = Database("postgresql://gdial:x@127.0.0.1:9/gdial")
    feed = LiveFeed(replace(quick_runtime, database=away), make_environments("Europe/Stockholm"))
    stop = asyncio.Event()
    told = feed.follow(uuid4(), "sv", stop)
    await anext(told)
    assert "Databasen svarar inte: siffrorna är gamla." in (await anext(told)).decode()
    stop.set()
    assert [said async for said in told] == []
    await away.close()
