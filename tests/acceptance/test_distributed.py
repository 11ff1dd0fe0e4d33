"""A call-out over web, workers and schedulers as processes of their own, on RabbitMQ and PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import aio_pika
import pika
import pytest

from gdial.queue.jobs import CALL_SINGLE, DEAD, QUEUES
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import NoAnswer, Press
from gdial.simulator.server import running_simulator
from tests.support.distributed import Workers, distributed
from tests.support.organisation import Organisation
from tests.support.services import PrivatePostgres, PrivateRabbitmq
from tests.support.serving import ServingProcess

POLICY = {
    "rounds": 2,
    "wait_between_numbers_seconds": 0,
    "wait_between_rounds_seconds": 1,
    "ring_timeout_seconds": 20,
}
PACE = {
    "calls_per_second": 40,
    "max_concurrent_calls": 200,
    "call_prefetch": 20,
    "unknown_first_list_sec": 3,
    "unknown_second_list_sec": 3,
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def stores(postgres_server: PrivatePostgres, postgres_template: str, rabbitmq_url: str) -> dict[str, str]:
    return {"database_url": postgres_server.create_database(postgres_template), "rabbitmq_url": rabbitmq_url}


System = tuple[ServingProcess, Workers, Organisation]


@asynccontextmanager
async def system(folder: Path, stores: dict[str, str], **settings: object) -> AsyncIterator[System]:
    async with (
        running_simulator(SimulatorOptions(speed=20, seed=7)) as simulator,
        distributed(folder, simulator, **{**PACE, **stores, **settings}) as running,
    ):
        yield running


def people(count: int, first: int = 0) -> dict[str, list[str]]:
    return {f"Person {n}": [f"+4670{1_740_000 + n}"] for n in range(first, first + count)}


async def depths(url: str) -> dict[str, int]:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        found = [await channel.declare_queue(name, passive=True) for name in QUEUES]
        return {queue.name: queue.declaration_result.message_count or 0 for queue in found}


async def test_a_system_of_many_processes_rings_with_its_broker_and_without_and_whoever_is_killed(
    tmp_path: Path, stores: dict[str, str], rabbitmq_server: PrivateRabbitmq
) -> None:
    async with system(tmp_path, stores) as (web, workers, organisation):
        group = await organisation.import_people(people(10))
        await ring_everybody(organisation, await organisation.start_run(group, policy=POLICY))
        await ring_while_workers_are_killed(organisation, workers)
        assert await depths(stores["rabbitmq_url"]) == dict.fromkeys(QUEUES, 0)
        heard = [piece["kind"] for call in organisation.simulator.ledger()["calls"] for piece in call["heard"]]
        assert heard.count("play") > heard.count("say"), "the web process serves what the tts workers spoke"
        await take_jobs_of_other_programs(organisation, stores["rabbitmq_url"])
        await ring_without_the_broker(organisation, rabbitmq_server)
        await organisation.assert_nobody_lost_or_rung_twice(*await end_all_runs(organisation))
        assert await workers.stop() == [0] * len(workers.all)
        assert await web.stop() == 0


async def end_all_runs(organisation: Organisation) -> list[str]:
    """Also those for jobs of other programs, in which a person may have a round left."""
    runs = (await organisation.call_api("GET", "/api/runs?limit=100"))["items"]
    for run in runs:
        if run["state"] == "running":
            await organisation.call_api("POST", f"/api/runs/{run['id']}/stop")
            await organisation.wait_until(run["id"], "stopped")
    return [run["id"] for run in runs]


async def ring_everybody(organisation: Organisation, run: Any) -> None:
    await organisation.wait_until(run["id"], "done", seconds=150)
    await organisation.simulator.wait_until_idle()


async def ring_while_workers_are_killed(organisation: Organisation, workers: Workers) -> None:
    random = Random(11)
    group = await organisation.import_people(people(150, 1_000), "Många")
    before = len(organisation.simulator.ledger()["calls"])
    run = await organisation.start_run(group, policy=POLICY)
    for placed, kind in ((25, "call"), (50, "scheduler"), (70, "tts"), (90, "call")):
        await organisation.calls_placed(before + placed)
        victim = random.choice(workers.by_kind[kind])
        await victim.kill()
        await victim.launch()
    await ring_everybody(organisation, run)
    assert all(process.is_running for process in workers.all)


async def ring_without_the_broker(organisation: Organisation, broker: PrivateRabbitmq) -> None:
    """It goes while people are rung and stays away for ten seconds, in which another run starts at once; both are
    handed over when it is back."""
    groups = [await organisation.import_people(people(40, first), f"Utan kö {first}") for first in (5_000, 6_000)]
    before = len(organisation.simulator.ledger()["calls"])
    first = await organisation.start_run(groups[0], policy=POLICY)
    await organisation.calls_placed(before + 10)
    broker.server.kill()
    away = asyncio.create_task(asyncio.sleep(10))
    try:
        second = await organisation.start_run(groups[1], policy=POLICY)
        async with asyncio.timeout(15):
            await organisation.calls_placed(before + 50)
        await away
    finally:
        await asyncio.to_thread(broker.server.start)
    for run in (first, second):
        await ring_everybody(organisation, run)


@pytest.mark.alone
async def test_an_urgent_run_goes_first_although_thousands_wait(tmp_path: Path, stores: dict[str, str]) -> None:
    """Every ordinary line is busy with telephones that ring for a minute."""
    async with system(tmp_path, stores, max_concurrent_calls=20) as (_, _, organisation):
        crowd, urgent = people(10_000), people(5, 20_000)
        for (number,) in crowd.values():
            organisation.simulator.phones.script(number, NoAnswer())
        for (number,) in urgent.values():
            organisation.simulator.phones.script(number, Press(keys={"1": 1.0}))
        waiting = await organisation.import_people(crowd, "Alla")
        alarm = await organisation.import_people(urgent, "Larm")
        await organisation.start_run(waiting, policy=POLICY | {"ring_timeout_seconds": 60})
        before = await organisation.calls_placed(18)
        run = await organisation.start_run(alarm, policy=POLICY, priority=9)
        async with asyncio.timeout(2):
            await organisation.calls_placed(before + 1)
        await organisation.wait_until(run["id"], "done", seconds=60)
        numbers = {number for (number,) in urgent.values()}
        rung = [str(row["to"]) for row in organisation.simulator.ledger()["calls"]]
        first = next(place for place, number in enumerate(rung) if number in numbers)
        assert set(rung[first : first + len(numbers)]) == numbers, "all of them before anybody else"


async def take_jobs_of_other_programs(organisation: Organisation, rabbitmq_url: str) -> None:
    """Whom they name is rung, and rubbish between them is laid aside with its reason."""
    before = len(organisation.simulator.ledger()["calls"])
    contacts = (await organisation.call_api("GET", "/api/contacts?limit=2"))["items"]
    jobs = [
        {"contact_id": it["id"], "custom_message_content": "Hej!", "dtmf_responses": {"1": {"label": "Ja"}}}
        for it in contacts
    ]
    bodies = [json.dumps(jobs[0]).encode(), *RUBBISH, json.dumps(jobs[1]).encode()]
    await asyncio.to_thread(publish, rabbitmq_url, bodies)

    await organisation.calls_placed(before + 2)
    dead = await dead_letters(organisation, len(RUBBISH))
    assert all(letter["queue"] == CALL_SINGLE and letter["reason"] for letter in dead["items"])
    assert (await depths(rabbitmq_url))[DEAD] == len(RUBBISH)


async def dead_letters(organisation: Organisation, at_least: int) -> Any:
    async with asyncio.timeout(20):
        while True:
            page = await organisation.call_api("GET", "/api/queues/dead?limit=100")
            if page["total"] >= at_least:
                return page
            await asyncio.sleep(0.1)


UNKNOWN = "6f1c2f4e-0000-4000-8000-000000000000"
RUBBISH = [
    b"",
    b"not json at all",
    b"\x00\xff\xfe\x80",
    b"[]",
    b"{}",
    b'{"contact_id": 17, "custom_message_content": "Hej!"}',
    json.dumps({"contact_id": UNKNOWN, "custom_message_content": "Hej!"}).encode(),
    json.dumps({"contact_id": UNKNOWN, "surprise": 1}).encode(),
    json.dumps({"contact_id": UNKNOWN, "version": 2}).encode(),
    b'{"contact_id": "' + b"x" * 5_000_000 + b'"}',
    b"[" * 100_000,
]


def publish(url: str, bodies: list[bytes]) -> None:
    """As another program does: its own client, a connection for each message, the queue declared by itself."""
    for body in bodies:
        connection = pika.BlockingConnection(pika.URLParameters(url))
        channel = connection.channel()
        channel.queue_declare(queue=CALL_SINGLE, durable=True)
        properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")
        channel.basic_publish(exchange="", routing_key=CALL_SINGLE, body=body, properties=properties)
        connection.close()
