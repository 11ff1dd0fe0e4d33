"""The queues as they are declared, in one place. Durable and nothing else, because other programs declare them so:
RabbitMQ refuses (406) whoever declares a queue with other arguments than it has."""

from __future__ import annotations

from typing import Any, Literal

from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import ChannelPreconditionFailed

from gdial.errors import SetupError
from gdial.queue.jobs import QUEUES

QueueType = Literal["classic", "quorum"]


async def declare_all(channel: AbstractChannel, queue_type: QueueType | None) -> None:
    """Every queue of GDial. Raises SetupError for one that is there with other arguments; that closes the channel."""
    for name in QUEUES:
        await declare(channel, name, queue_type)


async def declare(channel: AbstractChannel, name: str, queue_type: QueueType | None) -> int:
    """Make this queue unless it is there; how many messages wait on it. Raises SetupError like `declare_all`."""
    arguments: dict[str, Any] | None = {"x-queue-type": queue_type} if queue_type else None
    try:
        declared = await channel.declare_queue(name, durable=True, arguments=arguments)
    except ChannelPreconditionFailed as refusal:
        raise SetupError(_how_to_migrate(name, queue_type, str(refusal))) from None
    return declared.declaration_result.message_count or 0


def _how_to_migrate(name: str, queue_type: QueueType | None, refusal: str) -> str:
    wanted = f"RABBITMQ_QUEUE_TYPE={queue_type}" if queue_type else "durable and no other argument"
    return (
        f"the queue {name} is already there, declared otherwise than GDial does ({wanted}); the broker says: {refusal}"
        ". "
        "Where only the type differs, set RABBITMQ_QUEUE_TYPE to the one it has. Else drain it: let the workers it had "
        "empty it, until `rabbitmqctl list_queues name messages` shows 0 (what is due stands in the database and is "
        f"not lost). Then type: rabbitmqctl delete_queue {name} (with --vhost where it is not /). Then start again."
    )
