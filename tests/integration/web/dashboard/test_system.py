"""The strip on every page: which part is down, since when, and what that means for the calls."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from gdial.actions.watch_system import SystemWatch
from gdial.assembly.queues import open_queue
from gdial.carriers.base import Unknown
from gdial.dialing.breaker import FAILURES_TO_OPEN
from gdial.dialing.states import RunMode
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage.database import Database
from tests.support.dead_networks import with_dead_networks
from tests.support.runtime import TurnedClock, opened_runtime
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
        assert "own voice reads what is not spoken yet." in page.text


async def test_a_part_is_down_since_it_was_first_seen_to_be(runtime: Runtime, clock: TurnedClock) -> None:
    seconds = 0.0
    away = Database("postgresql://gdial:x@127.0.0.1:9/gdial")
    watch = SystemWatch(replace(runtime, database=away), lambda: seconds)
    first = (await watch.status()).troubles[0]
    clock.turn(minutes=3)
    seconds = 180.0
    assert (await watch.status()).troubles[0].since == first.since
    await away.close()
