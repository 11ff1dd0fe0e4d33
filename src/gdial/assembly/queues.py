"""The queue that the settings name: RabbitMQ, or one inside the process."""

from __future__ import annotations

from gdial.errors import SetupError
from gdial.queue.base import Queue
from gdial.queue.in_process import InProcessQueue
from gdial.settings import Settings

NEEDS_POSTGRESQL = (
    "RABBITMQ_URL is set while the database is an SQLite file, which workers on several machines cannot share; "
    "set DATABASE_URL as well, as in DATABASE_URL=postgresql://gdial:password@db.example.org/gdial, or unset "
    "RABBITMQ_URL to do everything in one process"
)


def check_together(settings: Settings) -> None:
    """Raises SetupError where the broker and the database do not go together."""
    if settings.rabbitmq_url is not None and settings.database_kind == "sqlite":
        raise SetupError(NEEDS_POSTGRESQL)


async def open_queue(settings: Settings) -> Queue:
    """A broker that is away is connected to later, in the background."""
    if settings.rabbitmq_url is None:
        return InProcessQueue()
    from gdial.queue.rabbitmq import RabbitQueue

    return await RabbitQueue.open(settings.rabbitmq_url, settings.rabbitmq_queue_type, wait=False)
