"""The audio folder of a process, which may have one of its own: nothing else would ever clear it."""

from __future__ import annotations

import asyncio

import structlog

from gdial.actions.clear_old_data import ROUND_EVERY, tidy_folder
from gdial.errors import TemporaryError
from gdial.runtime import Runtime
from gdial.workers.patience import stops_within

log = structlog.get_logger(__name__)

AGAIN_AFTER_SECONDS = 60.0


async def keep_folder_tidy(rt: Runtime, stop: asyncio.Event) -> None:
    """Runs until `stop`: at once, then every hour. A scheduler's upkeep does it too; twice is no harm."""
    while True:
        pause_seconds = ROUND_EVERY.total_seconds()
        try:
            await tidy_folder(rt)
        except (TemporaryError, OSError) as error:
            pause_seconds = AGAIN_AFTER_SECONDS
            log.warning("the audio folder was not cleared", again_in_seconds=pause_seconds, why=str(error))
        if await stops_within(stop, pause_seconds):
            return
