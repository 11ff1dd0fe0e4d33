"""How long a webhook waits for the database."""

from __future__ import annotations

from collections.abc import Coroutine, Hashable
from typing import Any, TypeVar

from gdial.actions.waiting import within
from gdial.errors import DatabaseUnavailable

ANSWER_SECONDS = 3.0
"""For the database and what hangs on it. With a second for the disk, should a key be kept, that stays under five."""

T = TypeVar("T")


async def in_time(work: Coroutine[Any, Any, T], *, name: Hashable = None) -> T:
    """What the work gives. DatabaseUnavailable when that takes too long, for whatever reason: a server that is silent,
    a pool that is used up, a lock; a carrier waits, and a caller. The work may still succeed afterwards; whoever asks
    for it by the same name meanwhile waits for it."""
    try:
        return await within(ANSWER_SECONDS, work, name=name)
    except TimeoutError as error:
        raise DatabaseUnavailable(f"the database does not answer: {error}") from error
