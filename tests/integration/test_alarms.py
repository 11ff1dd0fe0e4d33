"""What a person must look at now is an alarm, told while it happens; and what an operator asks for is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gdial.actions.feed_queue import feed_queue
from gdial.actions.record_event import CallNamed, record_status
from gdial.actions.watch_workers import LOOK_EVERY, WorkerWatch
from gdial.carriers.base import StatusWord
from gdial.dialing.states import CallStatus, RunMode
from gdial.monitoring import metrics
from gdial.monitoring.alarms import Alarms
from gdial.queue.jobs import TTS
from gdial.runtime import Runtime
from gdial.storage import workers
from gdial.storage.workers import Worker
from gdial.workers.tts import run_tts_worker
from tests.support.carrier_stub import fail_after_accepting, refuse
from tests.support.dialling import Dialling, dialling
from tests.support.receiver import Receiver, receiver
from tests.support.stored_runs import NUMBER, OURS, make_person

LEASE_SECONDS, FIRST_LIST_SECONDS = 30, 60


@dataclass(frozen=True)
class Watched:
    """An office whose alarms go to a receiver; the database is SQLite, which is enough for what is told."""

    office: Dialling
    alarms: Alarms
    hook: Receiver

    @property
    def rt(self) -> Runtime:
        return self.office.rt

    async def told(self) -> list[dict[str, Any]]:
        await self.alarms.close()
        return [heard.json for heard in self.hook.heard]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with (
        receiver() as hook,
        dialling(tmp_path / "gdial", f"sqlite:///{tmp_path / 'gdial.db'}", feed_lease_sec=LEASE_SECONDS) as office,
    ):
        alarms = Alarms(hook.url)
        yield Watched(replace(office, rt=replace(office.rt, alarms=alarms)), alarms, hook)
        await alarms.close()


def counted(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_run_that_the_carrier_paused(watched: Watched) -> None:
    person = make_person()
    run = await watched.office.store_run(person)
    watched.office.carrier.mishaps.append(refuse(401, 20003, "Authenticate"))
    await watched.office.place(person)
    (alarm,) = await watched.told()
    assert (alarm["alarm"], alarm["facts"]["run"], alarm["facts"]["code"]) == ("run paused", str(run.id), "20003")


async def test_a_call_that_the_carrier_made_twice(watched: Watched) -> None:
    person = make_person()
    run = await watched.office.store_run(person)
    watched.office.carrier.mishaps.append(fail_after_accepting(500))
    await watched.office.place(person)
    watched.office.carrier.calls[-1].created = watched.office.clock.now
    watched.office.carrier.add_call(NUMBER, OURS, watched.office.clock.now + timedelta(seconds=1))
    await watched.office.reconcile_after(FIRST_LIST_SECONDS)
    (alarm,) = await watched.told()
    assert (alarm["alarm"], alarm["facts"]["run"]) == ("double call", str(run.id))
    assert NUMBER not in str(alarm)


async def test_somebody_who_is_given_up_through_a_fault_of_ours(watched: Watched) -> None:
    person = make_person()
    await watched.office.store_run(person)
    for _ in range(6):
        await feed_queue(watched.rt)
        watched.office.clock.turn(seconds=LEASE_SECONDS)
    (alarm,) = await watched.told()
    assert (alarm["alarm"], alarm["facts"]["recipient"]) == ("person given up", str(person.id))


async def test_a_job_that_nobody_can_do(watched: Watched) -> None:
    stop = asyncio.Event()
    worker = asyncio.create_task(run_tts_worker(watched.rt, 1, stop))
    await watched.rt.queue.publish(TTS, b"rubbish about +46701740601")
    await watched.hook.until(lambda hook: bool(hook.heard))
    stop.set()
    await worker
    (alarm,) = await watched.told()
    assert (alarm["alarm"], alarm["facts"]["queue"]) == ("dead letter", "gdial.tts")
    assert alarm["facts"]["why"]
    assert "1740601" not in str(alarm)


async def test_runs_under_way_and_no_call_worker_alive(watched: Watched) -> None:
    rt = replace(watched.rt, settings=watched.rt.settings.model_copy(update={"rabbitmq_url": "amqp://127.0.0.1/"}))
    watch = WorkerWatch(rt)
    watched.office.clock.turn(seconds=LOOK_EVERY.total_seconds())
    assert not await watch.look(), "no run: nobody is missed"
    await watched.office.store_run(make_person())
    await beat(rt, "scheduler")
    assert not await watch.look(), "too early to look again"
    watched.office.clock.turn(seconds=LOOK_EVERY.total_seconds())
    assert await watch.look()
    await beat(rt, "call")
    watched.office.clock.turn(seconds=LOOK_EVERY.total_seconds() - 1)
    assert not await watch.look()
    watched.office.clock.turn(seconds=1)
    assert await watch.look(), "the last beat is 15 seconds old"
    assert [alarm["alarm"] for alarm in await watched.told()] == ["no worker"]


async def test_a_process_that_does_everything_misses_no_worker(watched: Watched) -> None:
    watch = WorkerWatch(watched.rt)
    await watched.office.store_run(make_person())
    watched.office.clock.turn(minutes=1)
    assert not await watch.look()


async def test_calls_are_counted_by_what_the_carrier_answered(watched: Watched) -> None:
    results = ("accepted", "refused", "unknown")
    before = [counted("gdial_calls_placed_total", mode="real", result=result) for result in results]
    people = [make_person(f"+4631390060{place}") for place in range(1, 4)]
    await watched.office.store_run(*people)
    watched.office.carrier.mishaps.extend([refuse(400, 21211), fail_after_accepting(500)])
    for person in people:
        assert await watched.office.place(person)
    after = [counted("gdial_calls_placed_total", mode="real", result=result) for result in results]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]
    await watched.office.reconcile_after(0)
    assert counted("gdial_unknown_calls") == 1


async def test_a_person_counts_as_reached_once_and_a_late_callback_shows_in_the_delay(watched: Watched) -> None:
    reached, heard = counted("gdial_people_reached_total", mode="real"), counted("gdial_callback_delay_seconds_count")
    late = counted("gdial_callback_delay_seconds_sum")
    person = make_person()
    run = await watched.office.store_run(person)
    await watched.office.place(person)
    call = await watched.office.only_call(run)
    sid = call.call_sid or ""
    await watched.office.press(call.id, sid, "1")
    await watched.office.press(call.id, sid, "1")
    said_at = watched.office.clock.now - timedelta(seconds=7)
    word = StatusWord(sid=sid, status=CallStatus.COMPLETED, event_id=f"{sid}:completed", said_at=said_at)
    await record_status(watched.rt, CallNamed(call.id, sid, RunMode.REAL), word)
    assert counted("gdial_people_reached_total", mode="real") == reached + 1
    assert counted("gdial_callback_delay_seconds_count") == heard + 1
    assert counted("gdial_callback_delay_seconds_sum") == pytest.approx(late + 7)


async def beat(rt: Runtime, kind: str) -> None:
    """A process of this kind tells that it lives."""
    now = rt.clock()
    row = Worker(uuid4(), kind, "gdial-1", 1, None, now, now, 0, 0, 0.0)
    async with rt.database.transaction() as tx:
        await workers.beat(tx, row)
