"""The same job any number of times, at once in several workers and after one that died with it in hand, is done once.

Each worker has a database connection, a link to the broker, a limiter and bells of its own, as a process has.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from gdial.actions.feed_queue import feed_queue
from gdial.carriers.pace import InProcessPace
from gdial.queue.jobs import CALL_BATCH, CALL_SINGLE, DEAD, TTS
from gdial.queue.rabbitmq import RabbitQueue
from gdial.runtime import Bells, Runtime
from gdial.speech.base import SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses
from gdial.storage import run_lists, runs
from gdial.storage.database import Database
from gdial.storage.run_lists import RecipientFilter
from gdial.workers.call import run_call_worker
from gdial.workers.tts import run_tts_worker
from tests.support.carrier_stub import CarrierStub
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import NUMBER, make_person, store_contact

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

OTHER_NUMBER = "+46701740606"
TEXT = "Hej {first_name}! Tryck 1."
COPIES, WORKERS = 12, 3
SOON_SECONDS = 60.0


@pytest.fixture
async def office(tmp_path: Path, database_url: str, rabbitmq_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "data", database_url) as opened:
        queue = await RabbitQueue.open(rabbitmq_url)
        yield replace(opened, rt=replace(opened.rt, queue=queue))
        await queue.close()


class Process:
    """A worker with everything a process has of its own."""

    def __init__(self, rt: Runtime, stack: AsyncExitStack) -> None:
        self.rt = rt
        self.stop = asyncio.Event()
        self._stack = stack
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, office: Dialling, rabbitmq_url: str, kind: str = "call") -> Process:
        stack = AsyncExitStack()
        database = Database(office.rt.settings.database_url)
        stack.push_async_callback(database.close)
        queue = await RabbitQueue.open(rabbitmq_url)
        stack.push_async_callback(queue.close)
        networks = {
            mode: replace(network, pace=InProcessPace(1_000, 100)) for mode, network in office.rt.networks.items()
        }
        own = replace(office.rt, database=database, queue=queue, networks=networks, bells=Bells())
        process = cls(own, stack)
        work = run_call_worker if kind == "call" else run_tts_worker
        process._task = asyncio.create_task(work(own, 5, process.stop))
        return process

    async def end(self) -> None:
        """In order: what it has in hand is finished."""
        self.stop.set()
        assert self._task is not None
        await self._task
        await self._stack.aclose()

    async def die(self) -> None:
        """With what it has in hand, which the broker then gives to another."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._stack.aclose()


async def work_off(office: Dialling, rabbitmq_url: str, kind: str = "call", calls: int = 0) -> None:
    """Let several workers take all there is, and go on until the carrier was asked for so many calls; what one gives
    back as it ends is taken by the next."""
    queues = (TTS,) if kind == "tts" else (CALL_SINGLE, CALL_BATCH)
    async with asyncio.timeout(SOON_SECONDS):
        while await waiting(office, queues):
            processes = [await Process.start(office, rabbitmq_url, kind) for _ in range(WORKERS)]
            # A queue tells nobody that it is empty.
            while await waiting(office, queues) or len(office.carrier.creates) < calls:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await asyncio.gather(*(process.end() for process in processes))
    assert await office.rt.queue.depth(DEAD) == 0


async def waiting(office: Dialling, queues: Sequence[str]) -> int:
    return sum([await office.rt.queue.depth(queue) for queue in queues])


async def publish(office: Dialling, queue: str, body: dict[str, object], copies: int = COPIES) -> None:
    await asyncio.gather(*(office.rt.queue.publish(queue, json.dumps(body).encode()) for _ in range(copies)))


async def people_of(office: Dialling, run_id: UUID) -> list[UUID | None]:
    async with office.rt.database.reading() as tx:
        page, _ = await run_lists.page_of_recipients(tx, run_id, RecipientFilter(), 500, 0)
    return [person.contact_id for person in page]


async def all_runs(office: Dialling) -> list[UUID]:
    async with office.rt.database.reading() as tx:
        return [run.id for run in (await runs.page(tx, 100, 0))[0]]


async def test_one_doorbell_many_times_in_several_workers_is_one_call(office: Dialling, rabbitmq_url: str) -> None:
    person = make_person()
    run = await office.store_run(person)
    await publish(office, CALL_SINGLE, {"recipient_id": str(person.id), "call_run_id": str(run.id)})
    await work_off(office, rabbitmq_url, calls=1)
    assert len(office.carrier.creates) == 1
    assert len(await office.calls(run)) == 1


async def test_a_doorbell_whose_worker_died_while_the_phone_rang_rings_nobody_else(
    office: Dialling, rabbitmq_url: str
) -> None:
    """The broker delivers it again; the claim is there, and the reconciler settles it."""
    person = make_person()
    run = await office.store_run(person)
    rings = asyncio.Event()

    async def be_left_alone(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        stub.accept((await stub.note(request)).form).created = office.clock.now
        rings.set()
        await stub.stopping.wait()
        return web.Response(status=503)

    office.carrier.mishaps.append(be_left_alone)
    process = await Process.start(office, rabbitmq_url)
    await publish(office, CALL_SINGLE, {"recipient_id": str(person.id), "call_run_id": str(run.id)}, copies=1)
    async with asyncio.timeout(SOON_SECONDS):
        await rings.wait()
    await process.die()
    await work_off(office, rabbitmq_url)
    for seconds in (15, 60):
        await office.reconcile_after(seconds)
    assert (await office.only_call(run)).call_sid == office.carrier.calls[0].sid
    assert len(office.carrier.creates) == 1


async def test_a_strangers_wish_many_times_in_several_workers_is_one_run_and_one_call(
    office: Dialling, rabbitmq_url: str
) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    wish: dict[str, object] = {"job_id": str(uuid4()), "contact_id": str(karin), "custom_message_content": TEXT}
    for _ in range(2):
        await publish(office, CALL_SINGLE, wish)
        await work_off(office, rabbitmq_url)
        fed = await feed_queue(office.rt)
        assert fed == (0 if office.carrier.creates else 1)
        await work_off(office, rabbitmq_url, calls=1)
    (run_id,) = await all_runs(office)
    assert await people_of(office, run_id) == [karin]
    assert len(office.carrier.creates) == 1


async def test_a_batch_many_times_in_several_workers_is_one_run_and_a_call_for_each(
    office: Dialling, rabbitmq_url: str
) -> None:
    karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
    bo = await store_contact(office.rt.database, "Bo Dahl", OTHER_NUMBER)
    first = await office.store_run(make_person("+46701740607"))
    batch: dict[str, object] = {
        "job_id": str(uuid4()),
        "contacts": [str(karin), str(bo)],
        "call_run_id": str(first.id),
    }
    await publish(office, CALL_BATCH, batch)
    await work_off(office, rabbitmq_url)
    assert await feed_queue(office.rt) == 3
    await work_off(office, rabbitmq_url, calls=3)
    assert await all_runs(office) == [first.id]
    assert set(await people_of(office, first.id)) == {None, karin, bo}
    assert sorted(dict(seen.form)["To"] for seen in office.carrier.creates) == [NUMBER, OTHER_NUMBER, "+46701740607"]


async def test_a_text_many_times_in_several_workers_is_one_piece_of_audio(
    office: Dialling, rabbitmq_url: str, tmp_path: Path
) -> None:
    voices = SpeechProcesses()
    store = AudioStore(tmp_path / "pieces", office.rt.secret, [EspeakEngine(voices)], voices)
    speaking = replace(office, rt=replace(office.rt, speech=store))
    await publish(office, TTS, {"job_id": str(uuid4()), "text_content": "Branden är släckt.", "language": "sv"})
    await work_off(speaking, rabbitmq_url, "tts")
    assert store.lookup(SpeechRequest("Branden är släckt.", "sv")) is not None
    assert len([file for file in (tmp_path / "pieces").rglob("*") if file.suffix == ".wav"]) == 1
    await store.close()
    await voices.close()
