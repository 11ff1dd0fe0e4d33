"""What holds for every queue: delivered at least once, to one consumer, and never lost in somebody's hands.

A queue's own test file subclasses `QueuePortSuite` and gives a `queue` fixture: an open queue with nothing on it.
"""

from __future__ import annotations

import asyncio

import pytest

from gdial.queue.base import Consumer, Delivery, Queue
from gdial.queue.jobs import CALL_SINGLE, TTS

SOON_SECONDS = 30.0
NOT_SOON_SECONDS = 0.1
"""For so long a test looks whether something comes that must not come."""


async def take(consumer: Consumer) -> Delivery:
    async with asyncio.timeout(SOON_SECONDS):
        return await consumer.take()


async def take_all(consumer: Consumer, how_many: int) -> list[bytes]:
    """Take and acknowledge so many, one after the other."""
    bodies = []
    for _ in range(how_many):
        delivery = await take(consumer)
        bodies.append(delivery.body)
        await delivery.acknowledge()
    return bodies


async def assert_nothing_comes(consumer: Consumer) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(NOT_SOON_SECONDS):
            await consumer.take()


class QueuePortSuite:
    async def test_what_is_published_is_taken_as_it_was(self, queue: Queue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 5)
        bodies = [b'{"name": "\xc3\x85sa"}', b"", bytes(range(256)), b"x" * 100_000]
        for body in bodies:
            await queue.publish(CALL_SINGLE, body)
            assert (await take_all(consumer, 1)) == [body]

    async def test_who_comes_before_the_message_waits_for_it(self, queue: Queue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 1)
        taking = asyncio.create_task(take(consumer))
        await asyncio.sleep(0)
        await queue.publish(CALL_SINGLE, b"late")
        assert (await taking).body == b"late"

    async def test_messages_of_one_priority_come_in_the_order_they_were_published(self, queue: Queue) -> None:
        bodies = [str(place).encode() for place in range(20)]
        for body in bodies:
            await queue.publish(CALL_SINGLE, body)
        assert await take_all(await queue.consume(CALL_SINGLE, 1), 20) == bodies

    async def test_queues_are_apart(self, queue: Queue) -> None:
        await queue.publish(CALL_SINGLE, b"a call")
        tts = await queue.consume(TTS, 1)
        await assert_nothing_comes(tts)
        await queue.publish(TTS, b"a text")
        assert await take_all(tts, 1) == [b"a text"]
        assert await queue.depth(CALL_SINGLE) == 1

    async def test_each_message_goes_to_one_consumer(self, queue: Queue) -> None:
        consumers = [await queue.consume(CALL_SINGLE, 2) for _ in range(3)]
        bodies = [str(place).encode() for place in range(30)]
        taken: list[bytes] = []

        async def work(consumer: Consumer) -> None:
            while True:
                delivery = await consumer.take()
                taken.append(delivery.body)
                await delivery.acknowledge()
                if len(taken) == len(bodies):
                    done.set()

        done = asyncio.Event()
        working = [asyncio.create_task(work(consumer)) for consumer in consumers]
        for body in bodies:
            await queue.publish(CALL_SINGLE, body)
        async with asyncio.timeout(SOON_SECONDS):
            await done.wait()
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        assert sorted(taken) == sorted(bodies)

    async def test_a_consumer_holds_no_more_than_its_prefetch(self, queue: Queue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 2)
        for body in (b"1", b"2", b"3"):
            await queue.publish(CALL_SINGLE, body)
        first, _ = await take(consumer), await take(consumer)
        await assert_nothing_comes(consumer)
        await first.acknowledge()
        assert (await take(consumer)).body == b"3"

    async def test_what_is_given_back_comes_again(self, queue: Queue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 1)
        await queue.publish(CALL_SINGLE, b"again")
        await (await take(consumer)).give_back()
        delivery = await take(consumer)
        assert delivery.body == b"again"
        await delivery.acknowledge()
        await assert_nothing_comes(consumer)

    async def test_what_a_consumer_held_when_it_closed_goes_to_another(self, queue: Queue) -> None:
        leaving = await queue.consume(CALL_SINGLE, 3)
        for body in (b"1", b"2", b"3"):
            await queue.publish(CALL_SINGLE, body)
        await (await take(leaving)).acknowledge()
        await take(leaving)
        await take(leaving)
        await leaving.close()
        assert sorted(await take_all(await queue.consume(CALL_SINGLE, 3), 2)) == [b"2", b"3"]

    async def test_who_stops_waiting_takes_nothing_along(self, queue: Queue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 1)
        for turns in range(10):
            taking = asyncio.create_task(consumer.take())
            for _ in range(turns):
                await asyncio.sleep(0)
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
        await queue.publish(CALL_SINGLE, b"still there")
        assert await take_all(consumer, 1) == [b"still there"]

    async def test_a_message_brings_its_headers(self, queue: Queue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 2)
        await queue.publish(CALL_SINGLE, b"1", headers={"x-gdial-reason": "no such contact: Åsa"})
        await queue.publish(CALL_SINGLE, b"2")
        assert (await take(consumer)).headers == {"x-gdial-reason": "no such contact: Åsa"}
        assert (await take(consumer)).headers == {}

    async def test_a_message_that_comes_again_says_so(self, queue: Queue) -> None:
        consumer = await queue.consume(CALL_SINGLE, 1)
        await queue.publish(CALL_SINGLE, b"again", headers={"from": "before"})
        first = await take(consumer)
        assert not first.redelivered
        await first.give_back()
        second = await take(consumer)
        assert (second.redelivered, second.headers) == (True, {"from": "before"})

    async def test_looking_shows_what_waits_and_puts_it_back(self, queue: Queue) -> None:
        async with queue.looking(CALL_SINGLE, 10) as nothing:
            assert nothing == []
        for body in (b"1", b"2", b"3"):
            await queue.publish(CALL_SINGLE, body)
        async with queue.looking(CALL_SINGLE, 2) as seen:
            assert [delivery.body for delivery in seen] == [b"1", b"2"]
            assert await queue.depth(CALL_SINGLE) == 1
        assert sorted(await take_all(await queue.consume(CALL_SINGLE, 1), 3)) == [b"1", b"2", b"3"]

    async def test_looking_takes_away_what_is_acknowledged(self, queue: Queue) -> None:
        for body in (b"1", b"2", b"3"):
            await queue.publish(CALL_SINGLE, body)
        async with queue.looking(CALL_SINGLE, 10) as seen:
            await seen[1].acknowledge()
        async with queue.looking(CALL_SINGLE, 10) as left:
            assert sorted(delivery.body for delivery in left) == [b"1", b"3"]

    async def test_depth_counts_those_that_wait(self, queue: Queue) -> None:
        assert await queue.depth(CALL_SINGLE) == 0
        for body in (b"1", b"2", b"3"):
            await queue.publish(CALL_SINGLE, body)
        assert await queue.depth(CALL_SINGLE) == 3
        await take(await queue.consume(CALL_SINGLE, 1))
        assert await queue.depth(CALL_SINGLE) == 2
