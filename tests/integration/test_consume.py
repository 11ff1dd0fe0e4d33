"""A worker's loop over a real queue: every job is done, put off, or laid aside with its reason; none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from gdial.errors import DatabaseUnavailable, InvalidInput, NotFound, SpeechUnavailable
from gdial.queue.dead_letters import DeadLetter, list_letters
from gdial.queue.in_process import MOST_MESSAGES
from gdial.queue.jobs import DEAD, LARGEST_JOB_BYTES, TTS
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.workers.consume import Handler, consume
from tests.support.runtime import opened_runtime

SOON_SECONDS = 30.0


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


async def dead_letters(rt: Runtime) -> list[DeadLetter]:
    return (await list_letters(rt.queue, 100, 0))[0]


@pytest.mark.parametrize("fault", [InvalidInput("is not a job", where="TtsJob.text"), NotFound("run", "7")])
async def test_a_job_that_nobody_can_do_is_laid_aside_with_the_reason(rt: Runtime, fault: Exception) -> None:
    async def handle(body: bytes) -> None:
        if body == b"bad \xff":
            raise fault

    await publish(rt, b"bad \xff", b"good")
    worker = Worker(rt, handle)
    await worker.until_handed(2)
    await worker.end()
    [letter] = await dead_letters(rt)
    assert (letter.queue, letter.reason, letter.body) == (TTS, str(fault), b"bad \xff")
    assert letter.at == rt.clock().isoformat()
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
    assert [(letter.body, letter.reason) for letter in await dead_letters(rt)] == [
        (b"unlucky", "a fault inside GDial, told in its log: ZeroDivisionError")
    ]
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


async def test_what_is_too_big_is_laid_aside_unread(rt: Runtime) -> None:
    big = b"x" * (LARGEST_JOB_BYTES + 1)
    await publish(rt, big, b"good")
    worker = Worker(rt, handle_anything)
    await worker.until_handed(1)
    await worker.end()
    assert worker.handed == [b"good"]
    [letter] = await dead_letters(rt)
    assert letter.body == big
    assert letter.reason == "body: is too big: 1048577 bytes; a job has at most 1048576"


async def handle_anything(_: bytes) -> None:
    pass


async def end_a_worker(rt: Runtime, body: bytes, times: int) -> int:
    """Workers one after the other that are gone with this message in hand; how many of them got it."""
    for turn in range(times):
        handed = asyncio.Event()

        async def hang(handed_body: bytes, handed: asyncio.Event = handed) -> None:
            if handed_body == body:
                handed.set()
                await asyncio.Event().wait()

        worker = Worker(rt, hang, prefetch=10)
        reached = asyncio.create_task(handed.wait())
        laid_aside = asyncio.create_task(until_dead(rt))
        await asyncio.wait((reached, laid_aside), return_when=asyncio.FIRST_COMPLETED, timeout=SOON_SECONDS)
        for task in (worker.task, reached, laid_aside):
            task.cancel()
        await asyncio.gather(worker.task, reached, laid_aside, return_exceptions=True)
        if not handed.is_set():
            return turn
    return times


async def until_dead(rt: Runtime) -> None:
    consumer = await rt.queue.consume(DEAD, 1)
    try:
        await consumer.take()
    finally:
        await consumer.close()


async def test_a_message_that_ends_its_worker_each_time_is_laid_aside(rt: Runtime) -> None:
    await publish(rt, b"poison")
    assert await end_a_worker(rt, b"poison", 10) == 6
    [letter] = await dead_letters(rt)
    assert (letter.body, letter.reason) == (b"poison", "it ended its worker, or was put off, 6 times")


async def test_a_message_that_is_done_in_the_end_is_counted_anew(rt: Runtime) -> None:
    for _ in range(2):
        await publish(rt, b"slow")
        assert await end_a_worker(rt, b"slow", 5) == 5
        worker = Worker(rt, handle_anything)
        await worker.until_handed(1)
        await worker.end()
    assert await dead_letters(rt) == []


async def test_a_text_that_no_voice_speaks_lets_the_next_one_pass(rt: Runtime) -> None:
    async def handle(body: bytes) -> None:
        if body == b"silent":
            raise SpeechUnavailable("no voice spoke it")

    await publish(rt, b"silent", b"spoken")
    worker = Worker(rt, handle, prefetch=2)
    await worker.until_handed(3)
    await worker.end()
    assert set(worker.handed) == {b"silent", b"spoken"}
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
