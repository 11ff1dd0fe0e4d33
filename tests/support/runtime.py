"""A runtime of real parts that reaches nobody: no telephone network, and a clock that tests turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from gdial.assembly.speaking import open_speech
from gdial.queue.in_process import InProcessQueue
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.settings.places import kept_keys_folder
from gdial.speech.processes import SpeechProcesses
from gdial.storage import installation, migrate
from gdial.storage.database import Database
from gdial.storage.kept_keys import KeptKeys

API_TOKEN = "the-api-token-of-these-tests"
FIRST_MOMENT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


class TurnedClock:
    """A clock that stands until it is turned."""

    def __init__(self, now: datetime = FIRST_MOMENT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **time: float) -> None:
        self.now += timedelta(**time)


@asynccontextmanager
async def opened_runtime(
    settings: Settings, clock: TurnedClock | None = None, voices: SpeechProcesses | None = None
) -> AsyncIterator[Runtime]:
    """On the database that the settings name, brought to its newest tables."""
    clock = clock or TurnedClock()
    database = Database(settings.database_url)
    processes = voices or SpeechProcesses()
    try:
        await migrate.upgrade(database)
        async with database.transaction() as tx:
            secret = await installation.get_or_create_secret(tx)
        speech = open_speech(settings, secret, processes, database, clock)
        yield Runtime(
            settings=settings,
            database=database,
            queue=InProcessQueue(),
            speech=speech,
            networks={},
            public_url=settings.public_url or "http://127.0.0.1:3003",
            secret=secret,
            api_token=API_TOKEN,
            clock=clock,
            kept_keys=KeptKeys(kept_keys_folder(settings)),
        )
        await speech.close()
    finally:
        await processes.close()
        await database.close()
