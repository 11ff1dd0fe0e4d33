"""The strip on every page: which part is down, since when, and what that means for the calls."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from gdial.actions.watch_system import SystemWatch
from gdial.assembly.queues import open_queue
from gdial.carriers.base import Unknown
from gdial.dialing.breaker import FAILURES_TO_OPEN
from gdial.dialing.states import RecipientState, RunMode
from gdial.errors import SpeechUnavailable
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.speech.base import SpeechRequest
from gdial.speech.health import FIRST_PAUSE_SECONDS, QUIET_SECONDS
from gdial.speech.processes import SpeechProcesses
from gdial.storage import outages, workers
from gdial.storage.database import Database
from gdial.storage.outages import Outage
from gdial.storage.workers import Worker
from gdial.workers.heartbeat import Identity, run_heartbeat
from tests.support.dead_networks import with_dead_networks
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.stored_runs import make_person, store_run
from tests.support.web import AUTHORIZED, Api, served

SWEDISH = {**AUTHORIZED, "Accept-Language": "sv"}
ENGLISH = {**AUTHORIZED, "Accept-Language": "en"}


@pytest.fixture
async def runtime(make_settings: Callable[..., Settings], clock: TurnedClock) -> AsyncIterator[Runtime]:
    async with opened_runtime(make_settings(), clock) as opened, with_dead_networks(opened, (RunMode.REAL,)) as ringing:
        yield ringing


@pytest.fixture
async def api(runtime: Runtime) -> AsyncIterator[Api]:
    async with served(runtime) as running:
        yield running


async def test_while_all_is_well_every_page_says_so_and_is_not_told_again(api: Api) -> None:
    page = await api.get("/runs", headers=SWEDISH)
    assert "Alla delar fungerar." in page.text
    assert "Ingen övning kan startas." in page.text
    again = re.search(r'hx-get="(/system/strip\?seen=[0-9a-f]+)"', page.text)
    assert again is not None
    assert (await api.get(again[1], headers={**SWEDISH, "HX-Request": "true"})).status == 204


async def test_a_carrier_that_is_silent_is_told_of_with_what_it_means(api: Api, runtime: Runtime) -> None:
    breaker = runtime.networks[RunMode.REAL].breaker
    for _ in range(FAILURES_TO_OPEN):
        breaker.note_create(Unknown("no answer within 1 s"))
    page = await api.get("/runs", headers=ENGLISH)
    assert "Nobody is rung until it answers." in page.text
    assert "since 05:00:00." in page.text  # 04:00 UTC in Stockholm
    assert "Operatör" in (await api.get("/system", headers=SWEDISH)).text


async def test_the_page_of_a_run_says_so_too_though_everybody_was_sent_to_the_carrier(
    api: Api, runtime: Runtime, clock: TurnedClock
) -> None:
    run = await store_run(runtime.database, make_person(state=RecipientState.CALLING, due_at=None))
    told = "The carrier has not answered since"
    assert told not in (await api.get(f"/runs/{run.id}", headers=ENGLISH)).text
    async with runtime.database.transaction() as tx:
        await outages.keep(tx, Outage(uuid4(), RunMode.REAL, clock(), clock(), "503"))
    assert told in (await api.get(f"/runs/{run.id}", headers=ENGLISH)).text


async def test_pages_say_what_is_wrong_while_the_database_is_away(runtime: Runtime) -> None:
    away = Database("postgresql://gdial:x@127.0.0.1:9/gdial")
    try:
        async with served(replace(runtime, database=away)) as api:
            page = await api.get("/runs", headers=ENGLISH)
            assert page.status == 503
            assert "Nobody new is rung until it answers." in page.text
            assert 'hx-get="/system/strip' in page.text
            system = await api.get("/system", headers=SWEDISH)
            assert system.status == 200
            assert "Databas" in system.text
            assert "Ingen tappas bort" in system.text
    finally:
        await away.close()


async def test_without_its_broker_the_process_rings_by_itself(
    runtime: Runtime, make_settings: Callable[..., Settings]
) -> None:
    apart = make_settings(rabbitmq_url="amqp://guest:guest@127.0.0.1:9/")
    queue = await open_queue(apart)
    try:
        async with served(replace(runtime, settings=apart, queue=queue)) as api:
            page = await api.get("/runs", headers=ENGLISH)
            assert page.status == 200
            assert "This process rings by itself until the broker is back." in page.text
            assert "gdial worker call" not in page.text
    finally:
        await queue.close()


async def test_where_workers_are_missing_it_says_what_to_start(
    runtime: Runtime, make_settings: Callable[..., Settings]
) -> None:
    """The queue in the process stands for a broker that is there."""
    apart = make_settings(rabbitmq_url="amqp://guest:guest@127.0.0.1:9/")
    async with served(replace(runtime, settings=apart)) as api:
        page = await api.get("/runs", headers=ENGLISH)
        assert "gdial worker call" in page.text
        assert "gdial worker scheduler" in page.text
        assert "gdial worker tts" in page.text


async def test_a_part_is_down_since_it_was_first_seen_to_be(runtime: Runtime, clock: TurnedClock) -> None:
    seconds = 0.0
    away = Database("postgresql://gdial:x@127.0.0.1:9/gdial")
    watch = SystemWatch(replace(runtime, database=away), lambda: seconds)
    first = (await watch.status()).troubles[0]
    clock.turn(minutes=3)
    seconds = 180.0
    assert (await watch.status()).troubles[0].since == first.since
    await away.close()


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def strip_of(rt: Runtime) -> str:
    """Looked at anew: the one of a process is two seconds old at most."""
    async with served(rt) as api:
        return (await api.get("/runs", headers=ENGLISH)).text


async def speech_ready(rt: Runtime) -> str:
    async with served(rt) as api:
        parts = (await api.get("/health/ready", headers=ENGLISH)).json["parts"]
    return str(next(part["detail"] for part in parts if part["name"] == "speech"))


async def test_a_speech_process_that_stands_still_is_told_of_until_it_goes_on(
    make_settings: Callable[..., Settings], clock: TurnedClock
) -> None:
    seconds = Seconds()
    voices = SpeechProcesses(timeout_seconds=600, monotonic=seconds)
    async with opened_runtime(make_settings(), clock, voices) as rt:
        await rt.speech.prepare(SpeechRequest("Hej.", "sv"))
        os.kill(voices.pids[0], signal.SIGSTOP)
        try:
            rt.speech.health.look()
            while voices.is_idle or voices.waiting:  # noqa: ASYNC110 - it is another task that changes
                await asyncio.sleep(0)
            seconds.now = QUIET_SECONDS
            clock.turn(seconds=QUIET_SECONDS)
            told = await strip_of(rt)
            assert "Speech: down" in told
            assert "since 05:00:00." in told
            assert "own voice reads what is not spoken yet" in told
            assert "since 2026-03-01 04:00:00 UTC (the speech process does not answer)" in await speech_ready(rt)
        finally:
            os.kill(voices.pids[0], signal.SIGCONT)
        await rt.speech.health.looked()
        assert "All parts work." in await strip_of(rt)
        assert voices.restarts == 0


async def test_a_voice_that_dies_is_told_of_and_tried_until_it_is_well(
    make_settings: Callable[..., Settings], clock: TurnedClock, tmp_path: Path
) -> None:
    seconds, cure = Seconds(), tmp_path / "cure"
    script = f"test -e {cure} && exec {shlex.quote(sys.executable)} -P -m gdial.speech.child; exit 1"
    voices = SpeechProcesses(command=("sh", "-c", script), monotonic=seconds)
    async with opened_runtime(make_settings(), clock, voices) as rt:
        with pytest.raises(SpeechUnavailable):
            await rt.speech.prepare(SpeechRequest("Hej.", "sv"))
        await rt.speech.health.looked()
        assert "Speech: down" in await strip_of(rt)
        assert "own voice speaks meanwhile" in await speech_ready(rt)
        cure.touch()
        rt.speech.health.look()
        await rt.speech.health.looked()
        assert "Speech: down" in await strip_of(rt), "it is left alone for a while"
        seconds.now = FIRST_PAUSE_SECONDS
        rt.speech.health.look()
        await rt.speech.health.looked()
        assert "All parts work." in await strip_of(rt)


def beating(kind: str, clock: TurnedClock, **facts: object) -> Worker:
    return Worker(uuid4(), kind, "gdial-1", 4711, None, clock(), clock(), 0, 0, 0.0, **facts)  # type: ignore[arg-type]


async def test_speech_workers_that_fall_silent_and_voices_elsewhere_are_told_of(
    runtime: Runtime, make_settings: Callable[..., Settings], clock: TurnedClock
) -> None:
    apart = replace(runtime, settings=make_settings(rabbitmq_url="amqp://guest:guest@127.0.0.1:9/"))
    died = beating("tts", clock)
    clock.turn(seconds=20)
    async with runtime.database.transaction() as tx:
        for worker in (died, *(beating(kind, clock) for kind in ("call", "scheduler"))):
            await workers.beat(tx, worker)
    told = await strip_of(apart)
    assert "Speech workers: down" in told
    assert "since 05:00:00." in told
    assert "what is missing is spoken when a call needs it" in told
    async with runtime.database.transaction() as tx:
        mute = beating("tts", clock, speech_away_since=clock(), speech_away_why="late", is_mute=True)
        await workers.beat(tx, mute)
    told = await strip_of(apart)
    assert "Speech workers" not in told, "another was started in its place"
    assert "Speech: works in part" in told
    assert "since 05:00:20." in told
    async with runtime.database.transaction() as tx:
        await workers.beat(tx, replace(mute, speech_away_since=None, speech_away_why=None, is_mute=False))
    assert "All parts work." in await strip_of(apart)


async def test_a_process_tells_the_others_that_its_voice_is_away(
    make_settings: Callable[..., Settings], clock: TurnedClock
) -> None:
    async with opened_runtime(make_settings(), clock, SpeechProcesses(command=("false",), monotonic=Seconds())) as rt:
        with pytest.raises(SpeechUnavailable):
            await rt.speech.prepare(SpeechRequest("Hej.", "sv"))
        await rt.speech.health.looked()
        stop = asyncio.Event()
        beats = asyncio.create_task(run_heartbeat(rt, Identity("tts", None), stop))
        told: list[Worker] = []
        async with asyncio.timeout(60):
            while not told:
                await asyncio.sleep(0)
                async with rt.database.reading() as tx:
                    told = await workers.everybody(tx)
        assert (told[0].is_mute, told[0].speech_away_since) == (True, clock())
        stop.set()
        await beats
