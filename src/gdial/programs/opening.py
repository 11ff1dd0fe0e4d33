"""What a name that another program calls opens for the time of the call: no worker, no carrier, no port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gdial.assembly import utc_now
from gdial.assembly.speaking import open_speech
from gdial.errors import SetupError
from gdial.runtime import Clock
from gdial.settings import Settings, get_settings
from gdial.speech.cache import AudioStore
from gdial.speech.processes import SpeechProcesses
from gdial.storage import installation
from gdial.storage.database import Database
from gdial.storage.migrate import check


@dataclass(frozen=True, slots=True)
class OpenRecords:
    """Implements `Records`."""

    settings: Settings
    database: Database
    clock: Clock = utc_now


@dataclass(frozen=True, slots=True)
class OpenVoice:
    """`secret` is the installation's."""

    store: AudioStore
    secret: bytes


@asynccontextmanager
async def opened_records() -> AsyncIterator[OpenRecords]:
    """On the database that the settings name, which must be there with its tables.

    Raises InvalidSetting, SetupError with the command to type, DatabaseUnavailable.
    """
    settings = get_settings()
    if settings.database_path is not None and not settings.database_path.exists():
        raise SetupError(
            f"there is no database {settings.database_path}: set DATABASE_URL or DATA_DIR as GDial itself has them"
        )
    database = Database(settings.database_url)
    try:
        await check(database)
        yield OpenRecords(settings, database)
    finally:
        await database.close()


@asynccontextmanager
async def opened_voice(records: OpenRecords) -> AsyncIterator[OpenVoice]:
    """The store of this installation, which the web process serves from. Raises SetupError."""
    async with records.database.transaction() as tx:
        secret = await installation.get_or_create_secret(tx)
    processes = SpeechProcesses()
    try:
        store = open_speech(records.settings, secret, processes, records.database, records.clock)
        try:
            yield OpenVoice(store, secret)
        finally:
            await store.close()
    finally:
        await processes.close()
