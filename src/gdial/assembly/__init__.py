"""Settings in, a running Runtime out: the one list of vendors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from gdial.assembly.api_token import api_token
from gdial.assembly.networks import open_networks, public_url
from gdial.assembly.queues import check_together, open_queue
from gdial.assembly.speaking import ENGINES, open_speech
from gdial.monitoring.alarms import Alarms
from gdial.runtime import Clock, Runtime
from gdial.settings import Settings
from gdial.settings.places import kept_keys_folder
from gdial.speech.processes import SpeechProcesses
from gdial.storage import installation
from gdial.storage.database import Database
from gdial.storage.kept_keys import KeptKeys
from gdial.storage.migrate import check, upgrade

__all__ = ["ENGINES", "open_runtime", "utc_now"]


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_runtime(settings: Settings, *, clock: Clock = utc_now) -> AsyncIterator[Runtime]:
    """Everything one process needs, closed when the block ends.

    An SQLite database is migrated here; on PostgreSQL a missing migration is a SetupError with the command to type.
    Raises DatabaseUnavailable. A broker that is away is no error: the queue connects when it is there.
    """
    check_together(settings)
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        await (upgrade(database) if database.is_sqlite else check(database))
        async with database.transaction() as tx:
            secret = await installation.get_or_create_secret(tx)
        alarms = open_alarms(settings)
        stack.push_async_callback(alarms.close)
        voices = SpeechProcesses()
        stack.push_async_callback(voices.close)
        speech = open_speech(settings, secret, voices, database, clock, alarms)
        stack.push_async_callback(speech.close)
        networks = await open_networks(settings, database, secret)
        for network in networks.values():
            stack.push_async_callback(network.carrier.close)
        queue = await open_queue(settings)
        stack.push_async_callback(queue.close)
        kept_keys = KeptKeys(kept_keys_folder(settings))
        stack.push_async_callback(kept_keys.close)
        yield Runtime(
            settings=settings,
            database=database,
            queue=queue,
            speech=speech,
            networks=networks,
            public_url=public_url(settings),
            secret=secret,
            api_token=api_token(settings),
            clock=clock,
            kept_keys=kept_keys,
            alarms=alarms,
        )


def open_alarms(settings: Settings) -> Alarms:
    return Alarms(settings.alert_webhook_url.get_secret_value() if settings.alert_webhook_url else None)
