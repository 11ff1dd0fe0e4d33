"""Beside the doors for carriers: makes good what was missed while the database was away."""

from __future__ import annotations

import asyncio

import structlog

from gdial.actions.keep_words import ask_about_unheard, read_in_keys
from gdial.errors import TemporaryError
from gdial.runtime import Runtime
from gdial.storage import probe
from gdial.workers.patience import stops_within

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.2
"""So soon after the database is back are the keys stored, which is before anybody is rung again for want of one."""
AFTER_A_FAULT_SECONDS = 5.0


async def run_keeping(rt: Runtime, stop: asyncio.Event) -> None:
    """Runs until `stop`; what is kept then is read in by the next process."""
    while True:
        pause_seconds = LOOK_SECONDS
        try:
            await _make_good(rt)
        except TemporaryError as error:
            log.debug("kept keys wait for the database", why=str(error))
        except Exception:
            pause_seconds = AFTER_A_FAULT_SECONDS
            log.exception("kept keys were not read in", again_in_seconds=pause_seconds)
        if await stops_within(stop, pause_seconds):
            return


async def _make_good(rt: Runtime) -> None:
    """The keys first: a call that is found to be over, and without one, may have its person rung again."""
    if not rt.unheard and not rt.kept_keys.are_there():
        return
    await probe.ask(rt.database)
    await read_in_keys(rt)
    if rt.unheard:
        await ask_about_unheard(rt)
