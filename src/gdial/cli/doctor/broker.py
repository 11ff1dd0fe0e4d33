"""A look at the broker."""

from __future__ import annotations

import aio_pika
from aio_pika.exceptions import AMQPError, AuthenticationError, ProbableAuthenticationError

from gdial.assembly.queues import check_together
from gdial.cli.doctor.finding import Finding, absent, fault, fine
from gdial.errors import SetupError
from gdial.settings import Settings
from gdial.settings.checks import without_password

CONNECT_SECONDS = 5.0


async def look_at_broker(settings: Settings) -> Finding:
    """Whether it lets us in. Its queues are left as they are."""
    if settings.rabbitmq_url is None:
        return absent("broker", "none: the queue lives inside the process")
    try:
        check_together(settings)
    except SetupError as error:
        return fault("broker", str(error), "set DATABASE_URL to a PostgreSQL, or unset RABBITMQ_URL")
    shown = without_password(settings.rabbitmq_url)
    try:
        connection = await aio_pika.connect(settings.rabbitmq_url, timeout=CONNECT_SECONDS)
    except (AuthenticationError, ProbableAuthenticationError):
        return fault("broker", f"{shown} refuses the login", "set RABBITMQ_URL to a user, password and vhost it knows")
    except (AMQPError, OSError, TimeoutError) as error:
        told = str(error) or "no answer in time"
        return fault("broker", f"{shown} does not answer ({told})", "start the broker, or mend RABBITMQ_URL")
    await connection.close()
    return fine("broker", shown)
