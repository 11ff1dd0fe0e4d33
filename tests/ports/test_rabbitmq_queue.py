"""The queue on a real RabbitMQ: classic and quorum, a broker that dies, and programs that know nothing of GDial."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator

import pika
import pytest

from gdial.errors import QueueUnavailable, SetupError
from gdial.queue.jobs import CALL_BATCH, CALL_SINGLE, DEAD, QUEUES, TTS
from gdial.queue.rabbit_consumer import RabbitConsumer
from gdial.queue.rabbitmq import CONFIRM_SECONDS, MOST_UNCONFIRMED, RabbitQueue
from gdial.queue.topology import QueueType
from tests.ports.queue_port import QueuePortSuite, take, take_all
from tests.support.ports import free_port
from tests.support.services import PrivateRabbitmq


@pytest.fixture(params=["classic", "quorum"])
async def queue(request: pytest.FixtureRequest, rabbitmq_url: str) -> AsyncIterator[RabbitQueue]:
    opened = await RabbitQueue.open(rabbitmq_url, request.param)
    yield opened
    await opened.close()


@pytest.fixture
async def plain(rabbitmq_url: str) -> AsyncIterator[RabbitQueue]:
    """As most will run it: durable, and nothing else asked for."""
    opened = await RabbitQueue.open(rabbitmq_url)
    yield opened
    await opened.close()


class TestRabbitQueue(QueuePortSuite):
    async def test_looking_often_loses_nothing(self, queue: RabbitQueue) -> None:
        await queue.publish(DEAD, b"letter", headers={"x-gdial-reason": "unknown contact"})
        for _ in range(25):
            async with queue.looking(DEAD, 10) as seen:
                assert [(letter.body, letter.headers) for letter in seen] == [
                    (b"letter", {"x-gdial-reason": "unknown contact"})
                ]

    async def test_hundreds_published_at_once_all_arrive(self, queue: RabbitQueue) -> None:
        bodies = [str(place).encode() for place in range(700)]
        await asyncio.gather(*(queue.publish(CALL_SINGLE, body) for body in bodies))
        assert sorted(await take_all(await queue.consume(CALL_SINGLE, 700), 700)) == sorted(bodies)


async def plan_publishes(url: str, queue_name: str, message: dict[str, object]) -> None:
    """The original plan's publisher, to the letter: blocking, a connection for each message."""

    def publish() -> None:
        connection = pika.BlockingConnection(pika.URLParameters(url))
        channel = connection.channel()
        channel.queue_declare(queue=queue_name, durable=True)
        properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")
        channel.basic_publish(exchange="", routing_key=queue_name, body=json.dumps(message), properties=properties)
        connection.close()

    await asyncio.to_thread(publish)


async def test_the_plans_publisher_may_declare_first_or_second(rabbitmq_url: str) -> None:
    await plan_publishes(rabbitmq_url, CALL_SINGLE, {"first": 1})
    queue = await RabbitQueue.open(rabbitmq_url)
    try:
        await plan_publishes(rabbitmq_url, CALL_SINGLE, {"second": 2})
        taken = await take_all(await queue.consume(CALL_SINGLE, 5), 2)
        assert [json.loads(body) for body in taken] == [{"first": 1}, {"second": 2}]
    finally:
        await queue.close()


async def test_a_message_is_persistent_json(plain: RabbitQueue, rabbitmq_url: str) -> None:
    await plain.publish(TTS, b"{}")
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        _, properties, body = connection.channel().basic_get(TTS)
    assert properties is not None
    assert (properties.delivery_mode, properties.content_type, body) == (2, "application/json", b"{}")


@pytest.mark.parametrize("queue_type", [None, "quorum"])
async def test_a_queue_with_other_arguments_is_told_with_the_way_to_migrate(
    rabbitmq_url: str, queue_type: QueueType | None
) -> None:
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        connection.channel().queue_declare(TTS, durable=True, arguments={"x-max-priority": 10})
    for wait in (True, False):
        with pytest.raises(SetupError, match=r"gdial\.tts is already there.*rabbitmqctl delete_queue gdial\.tts "):
            await RabbitQueue.open(rabbitmq_url, queue_type, wait=wait)


async def test_a_login_that_the_broker_refuses_names_the_setting(rabbitmq_url: str) -> None:
    with pytest.raises(SetupError, match="RABBITMQ_URL") as refusal:
        await RabbitQueue.open(rabbitmq_url.replace("guest:guest", "guest:sesame"))
    assert "sesame" not in str(refusal.value)


async def test_without_a_broker_it_says_so_within_seconds_and_connects_when_one_comes() -> None:
    url = f"amqp://guest:guest@127.0.0.1:{free_port()}/"
    with pytest.raises(QueueUnavailable):
        await RabbitQueue.open(url)
    queue = await RabbitQueue.open(url, wait=False)
    consumer = await queue.consume(CALL_SINGLE, 1)
    taking = asyncio.create_task(consumer.take())
    began = time.monotonic()
    faults = await asyncio.gather(
        *(queue.publish(CALL_SINGLE, b"x") for _ in range(1000)), queue.depth(TTS), return_exceptions=True
    )
    assert time.monotonic() - began < 4
    assert {type(fault) for fault in faults} == {QueueUnavailable}
    assert not queue.is_connected
    await queue.close()
    with pytest.raises(QueueUnavailable):
        await taking
    with pytest.raises(QueueUnavailable):
        await queue.wait_until_connected()


async def test_a_queue_that_somebody_deleted_is_there_again(plain: RabbitQueue, rabbitmq_url: str) -> None:
    consumer = await plain.consume(CALL_SINGLE, 1)
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        for name in QUEUES:
            connection.channel().queue_delete(name)
    await plain.publish(CALL_SINGLE, b"1")
    assert (await take(consumer)).body == b"1"
    assert await plain.depth(CALL_BATCH) == 0


async def test_a_broker_that_stands_still_holds_no_publisher(
    plain: RabbitQueue, rabbitmq_server: PrivateRabbitmq
) -> None:
    await plain.publish(TTS, b"before")
    os.kill(rabbitmq_server.server.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        publishing = (plain.publish(TTS, b"meanwhile") for _ in range(MOST_UNCONFIRMED * 3))
        faults = await asyncio.gather(*publishing, plain.depth(TTS), return_exceptions=True)
        assert {type(fault) for fault in faults} == {QueueUnavailable}
        assert time.monotonic() - began < CONFIRM_SECONDS * 2
    finally:
        os.kill(rabbitmq_server.server.pid, signal.SIGCONT)
    await plain.publish(TTS, b"after")


RESTART_SECONDS = 40.0
"""For a broker to boot beside other tests, and to be found again."""


async def take_three(consumer: RabbitConsumer) -> list[bytes]:
    async with asyncio.timeout(RESTART_SECONDS):
        deliveries = []
        for _ in range(3):
            deliveries.append(await consumer.take())
            await deliveries[-1].acknowledge()
    return [delivery.body for delivery in deliveries]


async def test_a_restarted_broker_is_waited_out(
    plain: RabbitQueue, rabbitmq_server: PrivateRabbitmq, rabbitmq_url: str
) -> None:
    consumer = await plain.consume(CALL_SINGLE, 1)
    for body in (b"in a hand", b"on the queue"):
        await plain.publish(CALL_SINGLE, body)
    held = await take(consumer)
    await asyncio.to_thread(rabbitmq_server.server.kill)
    try:
        began = time.monotonic()
        with pytest.raises(QueueUnavailable):
            await plain.publish(CALL_SINGLE, b"lost")
        with pytest.raises(QueueUnavailable):
            await plain.depth(CALL_SINGLE)
        assert time.monotonic() - began < 6
        await held.acknowledge()
        taking = asyncio.create_task(take_three(consumer))
    finally:
        await asyncio.to_thread(rabbitmq_server.server.start)
    async with asyncio.timeout(RESTART_SECONDS):
        await plain.wait_until_connected()
    await plain.publish(CALL_SINGLE, b"after")
    assert sorted(await taking) == [b"after", b"in a hand", b"on the queue"]
    assert plain.is_connected
    assert await plain.depth(CALL_SINGLE) == 0
