"""`gdial.dead`: what could not be understood or done, as it came, with the reason beside it. An operator sends it
back or throws it away."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gdial.errors import Conflict, NotFound
from gdial.queue.base import Delivery, Queue
from gdial.queue.jobs import DEAD, QUEUES

QUEUE_HEADER = "x-gdial-queue"
REASON_HEADER = "x-gdial-reason"
AT_HEADER = "x-gdial-at"
LONGEST_REASON = 1_000
"""A broker takes headers of one frame at most."""
MOST_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`id` is the same for the same body from the same queue. `at` is empty for what another program laid here."""

    id: str
    queue: str
    reason: str
    at: str
    body: bytes


async def lay_aside(queue: Queue, from_queue: str, body: bytes, reason: str, now: datetime) -> None:
    """Keep this message, untouched. Raises QueueUnavailable when the queue did not take it."""
    headers = {QUEUE_HEADER: from_queue, REASON_HEADER: reason[:LONGEST_REASON], AT_HEADER: now.isoformat()}
    await queue.publish(DEAD, body, headers=headers)


async def list_letters(queue: Queue, limit: int, offset: int) -> tuple[list[DeadLetter], int]:
    """Oldest first, and how many there are in all; of more than 10,000 only the oldest can be paged to."""
    waiting = await queue.depth(DEAD)
    async with queue.looking(DEAD, min(limit + offset, MOST_LOOKED_AT)) as seen:
        letters = [_read(delivery) for delivery in seen[offset:]]
        return letters, max(waiting, len(seen))


async def replay(queue: Queue, letter_id: str | None = None) -> list[DeadLetter]:
    """Send a letter, or all, back to the queue it came from; which. Nothing is lost if this is cut short, but a
    letter may be on both queues then. Raises NotFound; Conflict when it came from no queue of GDial."""
    replayed = []
    async with queue.looking(DEAD, MOST_LOOKED_AT) as seen:
        for delivery, letter in _chosen(seen, letter_id):
            if letter.queue not in QUEUES or letter.queue == DEAD:
                if letter_id is None:
                    continue
                raise Conflict("this letter does not say which of GDial's queues it came from; it can be discarded")
            await queue.publish(letter.queue, letter.body)
            await delivery.acknowledge()
            replayed.append(letter)
    return replayed


async def discard(queue: Queue, letter_id: str | None = None) -> list[DeadLetter]:
    """Throw a letter, or all, away; which. Raises NotFound."""
    async with queue.looking(DEAD, MOST_LOOKED_AT) as seen:
        chosen = _chosen(seen, letter_id)
        for delivery, _ in chosen:
            await delivery.acknowledge()
    return [letter for _, letter in chosen]


def _chosen(seen: Sequence[Delivery], letter_id: str | None) -> list[tuple[Delivery, DeadLetter]]:
    """Several with one id are the same message laid aside several times: all of them."""
    letters = [(delivery, _read(delivery)) for delivery in seen]
    if letter_id is None:
        return letters
    chosen = [(delivery, letter) for delivery, letter in letters if letter.id == letter_id]
    if not chosen:
        raise NotFound("dead letter", letter_id)
    return chosen


def _read(delivery: Delivery) -> DeadLetter:
    headers = delivery.headers
    queue = headers.get(QUEUE_HEADER, "")
    letter_id = hashlib.sha256(delivery.body + queue.encode()).hexdigest()[:16]
    return DeadLetter(letter_id, queue, headers.get(REASON_HEADER, ""), headers.get(AT_HEADER, ""), delivery.body)
