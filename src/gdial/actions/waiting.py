"""Wait for work, but not for long: somebody is on the line."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_going_on: set[asyncio.Task[Any]] = set()


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; TimeoutError when that takes longer.

    The work then goes on, and so it does when the waiter is cancelled: a transaction that is stopped in the middle
    would itself have to be waited for.
    """
    task = asyncio.create_task(work)
    _going_on.add(task)
    task.add_done_callback(_look_at)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return task.result()


def _look_at(task: asyncio.Task[Any]) -> None:
    """Its exception too: nobody may be waiting any more."""
    _going_on.discard(task)
    if not task.cancelled():
        task.exception()
