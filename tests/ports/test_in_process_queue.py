"""The queue inside the process."""

from __future__ import annotations

import asyncio

import pytest

from gdial.errors import QueueUnavailable
from gdial.queue.in_process import MOST_MESSAGES, InProcessQueue
from gdial.queue.jobs import CALL_SINGLE, TTS
from tests.ports.queue_port import QueuePortSuite, take, take_all


@pytest.fixture
def queue() -> InProcessQueue:
    return InProcessQueue()


class TestInProcessQueue(QueuePortSuite):
    async def test_the_most_urgent_comes_first(self, queue: InProcessQueue) -> None:
        for body, priority in ((b"1a", 1), (b"5", 5), (b"10", 10), (b"1b", 1), (b"9", 9)):
            await queue.publish(CALL_SINGLE, body, priority=priority)
        assert await take_all(await queue.consume(CALL_SINGLE, 1), 5) == [b"10", b"9", b"5", b"1a", b"1b"]

    async def test_what_is_given_back_keeps_its_place(self, queue: InProcessQueue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 2)
        for body in (b"1", b"2", b"3"):
            await queue.publish(CALL_SINGLE, body)
        first, second = await take(consumer), await take(consumer)
        await second.give_back()
        await first.give_back()
        assert await take_all(consumer, 3) == [b"1", b"2", b"3"]

    async def test_letting_go_twice_is_letting_go_once(self, queue: InProcessQueue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 1)
        await queue.publish(CALL_SINGLE, b"1")
        await queue.publish(CALL_SINGLE, b"2")
        delivery = await take(consumer)
        await delivery.give_back()
        await delivery.give_back()
        await delivery.acknowledge()
        assert await take_all(consumer, 2) == [b"1", b"2"]
        assert await queue.depth(CALL_SINGLE) == 0

    async def test_a_full_queue_takes_no_more_and_loses_nothing_that_was_in_a_hand(self, queue: InProcessQueue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 1)
        await queue.publish(CALL_SINGLE, b"in a hand")
        delivery = await take(consumer)
        for _ in range(MOST_MESSAGES):
            await queue.publish(CALL_SINGLE, b"x")
        with pytest.raises(QueueUnavailable, match="full"):
            await queue.publish(CALL_SINGLE, b"one too many")
        await queue.publish(TTS, b"another queue")
        await delivery.give_back()
        assert (await take(consumer)).body == b"in a hand"
        assert await queue.depth(CALL_SINGLE) == MOST_MESSAGES

    async def test_a_consumer_that_closed_takes_nothing_more(self, queue: InProcessQueue) -> None:
        leaving = await queue.consume(CALL_SINGLE, 5)
        taking = asyncio.create_task(leaving.take())
        await asyncio.sleep(0)
        await leaving.close()
        await queue.publish(CALL_SINGLE, b"for somebody else")
        with pytest.raises(QueueUnavailable):
            await taking
        with pytest.raises(QueueUnavailable):
            await leaving.take()
        assert await take_all(await queue.consume(CALL_SINGLE, 1), 1) == [b"for somebody else"]
