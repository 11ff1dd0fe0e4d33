"""Upkeep: personal data is kept no longer than a setting says, and audio no more of it than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from gdial.actions.log_in import forget_old_sessions
from gdial.actions.login_waiting import FORGOTTEN_AFTER
from gdial.actions.system_settings import load_values, read_values
from gdial.runtime import Runtime
from gdial.storage import (
    audio_pieces,
    audit,
    installation,
    login_waits,
    pace,
    personal_data,
    redeliveries,
    speech_jobs,
    taken_jobs,
)
from gdial.storage.batches import let_others_work
from gdial.storage.database import Transaction

log = structlog.get_logger(__name__)

ROUND_EVERY = timedelta(hours=1)
PLACES_AT_ONCE = 2_000
"""Between portions other work of this process goes on."""

JOBS_KNOWN_FOR = timedelta(days=366)
"""So long a job of another program may come again and is not done again; its id tells nothing of anybody."""

SPEECH_JOBS_KEPT = 20_000
"""Of those that are over; their texts may be long."""

CLEARED_BEFORE = "personal_data_cleared_before"


class Upkeep:
    """Does a round when it is time for one: at once, then every hour, by the runtime's clock."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._next_at: datetime | None = None

    async def look(self) -> bool:
        """Whether a round was due. One that fails is due again at the next look."""
        now = self._rt.clock()
        if self._next_at is not None and now < self._next_at:
            return False
        await clear_old_data(self._rt)
        await tidy_audio(self._rt)
        self._next_at = now + ROUND_EVERY
        return True


async def clear_old_data(rt: Runtime) -> int:
    """Clear the runs that ended more than `retention_days` ago; how many there were.

    Names, numbers, keys and what the carrier said go; counts, answers by key, outcomes and reasons stay, and so do
    the register of contacts and the carrier's ids of calls. May be cut short at any point, and done twice.
    """
    kept = await _kept(rt)
    before = rt.clock() - kept
    async with rt.database.reading() as tx:
        stored = await installation.get(tx, CLEARED_BEFORE)
        since = datetime.fromisoformat(stored) if stored else None
        ended = await personal_data.runs_ended(tx, since, before)
    for run_id in ended:
        await _clear_run(rt, run_id)
    async with rt.database.transaction() as tx:
        await personal_data.clear_loose_words(tx, before)
        await redeliveries.forget_old(tx, before)
        await speech_jobs.forget(tx, before, SPEECH_JOBS_KEPT)
        await taken_jobs.forget(tx, rt.clock() - JOBS_KNOWN_FOR)
        await pace.forget_lapsed(tx, before)
        await _forget_access(rt, tx)
        if since is None or before > since:
            await installation.put(tx, CLEARED_BEFORE, before.isoformat())
    if ended:
        log.info("personal data cleared", runs=len(ended), older_than_days=kept.days)
    return len(ended)


async def _forget_access(rt: Runtime, tx: Transaction) -> None:
    """Sessions that are over, log-ins that failed, and what the log has kept long enough."""
    now, days = rt.clock(), (await load_values(tx, rt.settings)).number("audit_log_days")
    await forget_old_sessions(rt, tx)
    await login_waits.forget_old(tx, now - FORGOTTEN_AFTER)
    await audit.forget_old(tx, now - timedelta(days=days))


async def tidy_audio(rt: Runtime) -> int:
    """Delete pieces not used since personal data is kept, then the longest unused above AUDIO_MAX_BYTES; how many.

    Those in the folder of this process, and those in the database, which holds as much again.
    """
    return await tidy_folder(rt) + await _tidy_shelf(rt)


async def tidy_folder(rt: Runtime) -> int:
    """The same for the folder alone, in a process with a folder of its own; how many."""
    kept = await _kept(rt)
    deleted = await rt.speech.remove_unused(kept.total_seconds())
    deleted += await rt.speech.trim(rt.settings.audio_max_bytes)
    if deleted:
        log.info("audio deleted", pieces=deleted)
    return deleted


async def _tidy_shelf(rt: Runtime) -> int:
    now, kept = rt.clock(), await _kept(rt)
    deleted = await _in_portions(rt, lambda tx: audio_pieces.remove_unused(tx, now - kept, now))
    deleted += await _in_portions(rt, lambda tx: audio_pieces.trim(tx, rt.settings.audio_max_bytes, now))
    if deleted:
        log.info("audio deleted from the database", pieces=deleted)
    return deleted


async def _kept(rt: Runtime) -> timedelta:
    return timedelta(days=(await read_values(rt)).number("retention_days"))


async def _in_portions(rt: Runtime, remove: Callable[[Transaction], Awaitable[int]]) -> int:
    total = 0
    while True:
        async with rt.database.transaction() as tx:
            removed = await remove(tx)
        if not removed:
            return total
        total += removed
        await let_others_work()


async def _clear_run(rt: Runtime, run_id: UUID) -> None:
    async with rt.database.reading() as tx:
        places = await personal_data.count_places(tx, run_id)
    for first in range(0, places, PLACES_AT_ONCE):
        async with rt.database.transaction() as tx:
            await personal_data.clear_people(tx, run_id, first, PLACES_AT_ONCE)
        await asyncio.sleep(0)
    async with rt.database.transaction() as tx:
        await personal_data.clear_words(tx, run_id)
