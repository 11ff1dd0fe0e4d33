"""While the database is away: keep the keys that are pressed, remember whose status was missed, make good for both."""

from __future__ import annotations

from uuid import UUID

import structlog

from gdial.actions.record_event import CallNamed, record_press
from gdial.actions.ring_back import answer_ring_back_press
from gdial.actions.waiting import within
from gdial.carriers.base import PressWord
from gdial.runtime import Runtime
from gdial.storage import asking
from gdial.storage.kept_keys import KeptKey

log = structlog.get_logger(__name__)

KEEP_SECONDS = 1.0
"""A disk that takes longer counts as one that takes no more: somebody is on the line."""
MOST_UNHEARD = 20_000


async def keep_key(rt: Runtime, key: KeptKey) -> bool:
    """Whether it is on this machine's disk, and counts from now on. Never raises, and asks no database."""
    try:
        await within(KEEP_SECONDS, rt.kept_keys.keep(key))
    except OSError as error:  # a TimeoutError is one
        facts = {"call": str(key.call_id), "why": str(error)}
        rt.alarms.sound("key not kept", "a pressed key could not be written to the data folder", **facts)
        return False
    log.warning("a pressed key is kept until the database is back", call=str(key.call_id), step=key.step)
    return True


async def read_in_keys(rt: Runtime) -> int:
    """Store all keys that are kept on this machine; how many. Those that were stored before change nothing.

    Raises DatabaseUnavailable or OSError; then all of them are read in again later.
    """
    if not rt.kept_keys.are_there():
        return 0
    batch = await rt.kept_keys.collect()
    for key in batch.keys:
        await _read_in(rt, key)
    await rt.kept_keys.forget(batch)
    if batch.keys:
        log.info("keys that were kept while the database was away are stored", keys=len(batch.keys))
    return len(batch.keys)


async def read_in_keys_of(rt: Runtime, call_id: UUID) -> None:
    """Store what this process keeps of one call, before anything else is heard of it: its first key stands.

    Raises DatabaseUnavailable.
    """
    for key in rt.kept_keys.of_call(call_id):
        await _read_in(rt, key)


async def _read_in(rt: Runtime, key: KeptKey) -> None:
    if key.is_ring_back:
        answered = await answer_ring_back_press(rt, key.mode, key.call_id, key.step, PressWord(key.sid, key.digits))
        is_known = answered is not None
    else:
        named = CallNamed(key.call_id, key.sid, key.mode)
        is_known = await record_press(rt, named, key.step, key.digits) is not None
    if not is_known:
        log.error("a kept key is about no call that is known", call=str(key.call_id), step=key.step)


def miss_status(rt: Runtime, attempt_id: UUID) -> None:
    """The carrier may not say it again; so it is asked when the database is back."""
    if len(rt.unheard) < MOST_UNHEARD:
        rt.unheard.add(attempt_id)


async def ask_about_unheard(rt: Runtime) -> int:
    """Have the reconciler ask at once about calls whose words were missed; how many. Raises DatabaseUnavailable."""
    unheard = sorted(rt.unheard)
    async with rt.database.transaction() as tx:
        await asking.ask_now(tx, unheard, rt.clock())
    rt.unheard.difference_update(unheard)
    return len(unheard)
