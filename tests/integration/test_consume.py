"""A worker's loop over a real queue: every job is done, put off, or laid aside with its reason; none is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest

from gdial.errors import DatabaseUnavailable, InvalidInput, NotFound
from gdial.queue.in_process import MOST_MESSAGES
from gdial.queue.jobs import DEAD, TTS
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.workers.consume import Handler, consume
from tests.support.runtime import opened_runtime

SOON_SECONDS = 10.0


@pytest.fixture
async def rt(make_settings: Callable[..., Settings]) -> AsyncIterator[Runtime]:
    async with opened_runtime(make_settings()) as runtime:
        yield runtime


class Worker:
    """Runs a handler over the queue until `end`, and counts what it was handed."""

    def __init__(self, rt: Runtime, handle: Handler, prefetch: int = 1) -> None:
        self.handed: list[bytes] = []
        self.stop = asyncio.Event()
        self._handle = handle
        self._changed = asyncio.Condition()
        self.task = asyncio.create_task(consume(rt, TTS, "tts", prefetch, self._count, self.stop))

    async def _count(self, body: bytes) -> None:
        async with self._changed:
            self.handed.append(body)
            self._changed.notify_all()
        await self._handle(body)

    async def until_handed(self, how_many: int) -> None:
        async with asyncio.timeout(SOON_SECONDS), self._changed:
            await self._changed.wait_for(lambda: len(self.handed) >= how_many)

    async def end(self) -> None:
        self.stop.set()
        async with asyncio.timeout(SOON_SECONDS):
            await self.task


async def publish(rt: Runtime, *bodies: bytes) -> None:
    for body in bodies:
        await rt.queue.publish(TTS, body)


async def dead_letters(rt: Runtime) -> list[dict[str, str]]:
    consumer = await rt.queue.consume(DEAD, 100)
    return [json.loads((await consumer.take()).body) for _ in range(await rt.queue.depth(DEAD))]


@pytest.mark.parametrize("fault", [InvalidInput("is not a job", where="TtsJob.text"), NotFound("run", "7")])
async def test_a_job_that_nobody_can_do_is_laid_aside_with_the_reason(rt: Runtime, fault: Exception) -> None:
    async def handle(body: bytes) -> None:
        if body == b"bad \xff":
            raise fault

    await publish(rt, b"bad \xff", b"good")
    worker = Worker(rt, handle)
    await worker.until_handed(2)
    await worker.end()
    assert await dead_letters(rt) == [{"queue": TTS, "reason": str(fault), "body": "bad \ufffd"}]
    assert await rt.queue.depth(TTS) == 0


async def test_a_job_is_put_off_while_something_is_away(rt: Runtime) -> None:
    came = 0

    async def handle(_: bytes) -> None:
        nonlocal came
        came += 1
        if came == 1:
            raise DatabaseUnavailable("the database does not answer")

    await publish(rt, b"job")
    worker = Worker(rt, handle)
    await worker.until_handed(2)
    await worker.end()
    assert worker.handed == [b"job", b"job"]
    assert (await rt.queue.depth(TTS), await rt.queue.depth(DEAD)) == (0, 0)


async def test_a_fault_of_ours_ends_neither_the_worker_nor_goes_on_for_ever(rt: Runtime) -> None:
    async def handle(body: bytes) -> None:
        if body == b"unlucky":
            raise ZeroDivisionError

    await publish(rt, b"unlucky", b"next")
    worker = Worker(rt, handle)
    await worker.until_handed(2)
    await worker.end()
    assert worker.handed == [b"unlucky", b"next"]
    assert await rt.queue.depth(TTS) == 0


async def test_a_bad_job_is_kept_while_it_cannot_be_laid_aside(rt: Runtime) -> None:
    async def handle(_: bytes) -> None:
        raise InvalidInput("is not a job")

    for _ in range(MOST_MESSAGES):
        await rt.queue.publish(DEAD, b"x")
    await publish(rt, b"bad")
    worker = Worker(rt, handle)
    await worker.until_handed(2)
    await worker.end()
    assert await rt.queue.depth(TTS) == 1


async def test_a_worker_has_no_more_in_hand_than_its_prefetch(rt: Runtime) -> None:
    let_go = asyncio.Event()

    async def handle(_: bytes) -> None:
        await let_go.wait()

    await publish(rt, b"1", b"2", b"3", b"4")
    worker = Worker(rt, handle, prefetch=3)
    await worker.until_handed(3)
    await asyncio.sleep(0.02)
    assert len(worker.handed) == 3
    let_go.set()
    await worker.until_handed(4)
    await worker.end()


async def test_told_to_stop_a_worker_finishes_what_it_has_and_leaves_the_rest(rt: Runtime) -> None:
    let_go, finished = asyncio.Event(), []

    async def handle(body: bytes) -> None:
        await let_go.wait()
        finished.append(body)

    await publish(rt, b"1", b"2", b"3")
    worker = Worker(rt, handle, prefetch=2)
    await worker.until_handed(2)
    worker.stop.set()
    await asyncio.sleep(0.02)
    assert not worker.task.done()
    let_go.set()
    await worker.end()
    assert (sorted(finished), await rt.queue.depth(TTS)) == ([b"1", b"2"], 1)
