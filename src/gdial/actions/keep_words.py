"""While the database is away: keep the keys that are pressed, remember whose status was missed, make good for both."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog

from gdial.actions.record_event import CallNamed, record_press
from gdial.actions.ring_back import answer_ring_back_press
from gdial.actions.waiting import within
from gdial.carriers.base import PressWord
from gdial.errors import TemporaryError
from gdial.runtime import Runtime
from gdial.storage import asking
from gdial.storage.batches import in_batches
from gdial.storage.kept_keys import KeptKey

log = structlog.get_logger(__name__)

KEEP_SECONDS = 1.0
"""A disk that takes longer counts as one that takes no more: somebody is on the line."""
MOST_UNHEARD = 20_000
READ_IN_AT_ONCE = 100
"""Calls; on PostgreSQL those that wait together are stored together."""


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

    Many at once: until its key is stored, a person may be rung again. Raises DatabaseUnavailable or OSError, and a
    group of what else went wrong; what was stored until then stays so, and the rest is read in again later.
    """
    if not rt.kept_keys.are_there():
        return 0
    batch = await rt.kept_keys.collect()
    by_call: dict[UUID, list[KeptKey]] = {}
    for key in batch.keys:
        by_call.setdefault(key.call_id, []).append(key)
    faults = list[Exception]()
    for some in in_batches(list(by_call.values()), READ_IN_AT_ONCE):
        results = await asyncio.gather(*(_read_in_call(rt, keys) for keys in some), return_exceptions=True)
        faults += _faults_but_temporary(results)
    if faults:
        raise ExceptionGroup("kept keys could not be stored", faults)
    await rt.kept_keys.forget(batch)
    if batch.keys:
        log.info("keys that were kept while the database was away are stored", keys=len(batch.keys))
    return len(batch.keys)


def _faults_but_temporary(results: Sequence[BaseException | None]) -> list[Exception]:
    """A key that cannot be stored at all must not hold up the others; a database that is away does."""
    for result in results:
        if isinstance(result, TemporaryError) or not isinstance(result, Exception | None):
            raise result
    return [result for result in results if isinstance(result, Exception)]


async def _read_in_call(rt: Runtime, keys: Sequence[KeptKey]) -> None:
    """One after the other: the first of a step stands."""
    for key in keys:
        await _read_in(rt, key)
        rt.kept_keys.mark_stored(key)


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
