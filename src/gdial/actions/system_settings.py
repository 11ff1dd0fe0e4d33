"""Read and change system settings; every change is kept, with its time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import structlog

from gdial.actions.acting import acting
from gdial.actions.deeds import Deed, note_deed
from gdial.errors import InvalidInput
from gdial.runtime import Runtime
from gdial.settings import Settings, get_settings
from gdial.settings.system import SYSTEM_SETTINGS, SystemValues, Value, find_system_setting
from gdial.storage import system_settings
from gdial.storage.database import Database, Transaction
from gdial.storage.migrate import check
from gdial.storage.system_settings import SettingChange

log = structlog.get_logger(__name__)


async def load_values(tx: Transaction, settings: Settings) -> SystemValues:
    """What is in force now, in this transaction."""
    return SystemValues(settings, _usable(await system_settings.load(tx)))


async def read_values(rt: Runtime) -> SystemValues:
    """What is in force now."""
    async with rt.database.reading() as tx:
        return await load_values(tx, rt.settings)


async def change_setting(rt: Runtime, key: str, value: object, changed_by: str) -> SystemValues:
    """In force from the next look on; runs made before keep the policy they were made with.

    Raises NotFound, InvalidInput.
    """
    kept = find_system_setting(key).read(value)
    return await _change(rt, key, kept, changed_by)


async def reset_setting(rt: Runtime, key: str, changed_by: str) -> SystemValues:
    """Back to the default. Raises NotFound."""
    find_system_setting(key)
    return await _change(rt, key, None, changed_by)


async def _change(rt: Runtime, key: str, value: Value | None, changed_by: str) -> SystemValues:
    now = rt.clock()
    async with rt.database.transaction() as tx:
        before = (await system_settings.load(tx)).get(key)
        if value is None:
            await system_settings.remove(tx, key)
        else:
            await system_settings.put(tx, key, value, now)
        if value != before or type(value) is not type(before):
            change = SettingChange(uuid4(), key, before, value, now, _person() or changed_by)
            await system_settings.insert_change(tx, change)
            await note_deed(tx, now, Deed.SETTING_CHANGED, "setting", key, name=key)
            log.info("system setting changed", key=key, by=changed_by)
        return await load_values(tx, rt.settings)


def _person() -> str:
    doer = acting()
    return doer.name if doer is not None and doer.is_person else ""


def get_system_setting(key: str) -> Value:
    """The value in force now, of the database and environment that this process sees; for other programs.

    Blocks for one look into the database, also inside a running event loop. Raises NotFound for an unknown key,
    InvalidSetting, SetupError for a database without GDial's tables, DatabaseUnavailable.
    """
    find_system_setting(key)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, _read_one(key)).result()


async def _read_one(key: str) -> Value:
    settings = get_settings()
    if settings.database_path is not None and not settings.database_path.exists():
        # Nothing was ever changed; looking must not leave an empty database behind.
        return SystemValues(settings, {}).get(key)
    database = Database(settings.database_url)
    try:
        await check(database)
        async with database.reading() as tx:
            return (await load_values(tx, settings)).get(key)
    finally:
        await database.close()


def _usable(stored: Mapping[str, Any]) -> dict[str, Value]:
    """Without what another version left behind, whose bounds were others."""
    usable: dict[str, Value] = {}
    for key, value in stored.items():
        try:
            if key in SYSTEM_SETTINGS:
                usable[key] = SYSTEM_SETTINGS[key].read(value)
        except InvalidInput as error:
            log.warning("a system setting is not allowed any more; its default holds", key=key, why=str(error))
    return usable
