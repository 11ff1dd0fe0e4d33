"""Wait for work, but not for long: somebody is on the line."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

_going_on: dict[Hashable, asyncio.Task[Any]] = {}


async def within(seconds: float, work: Coroutine[Any, Any, T], *, name: Hashable = None) -> T:
    """What the work gives; TimeoutError when that takes longer.

    The work then goes on, and so it does when the waiter is cancelled: a transaction that is stopped in the middle
    would itself have to be waited for. Who comes with a `name` whose work still goes on waits for that one: being asked
    again because it was slow would make it slower.
    """
    task = _going_on.get(name) if name is not None else None
    if task is None:
        task = _begin(work, name)
    else:
        work.close()
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        raise TimeoutError(f"no answer within {seconds:g} s")
    result: T = task.result()
    return result


def _begin(work: Coroutine[Any, Any, T], name: Hashable) -> asyncio.Task[T]:
    task = asyncio.create_task(work)
    key = task if name is None else name
    _going_on[key] = task

    def look_at(done: asyncio.Task[T]) -> None:
        """Its exception too: nobody may be waiting any more."""
        del _going_on[key]
        if not done.cancelled():
            done.exception()

    task.add_done_callback(look_at)
    return task
