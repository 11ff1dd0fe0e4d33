"""`/api/queues`: what waits on the queues, and the letters on the dead one."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from gdial.queue import dead_letters
from gdial.queue.dead_letters import DeadLetter
from gdial.queue.jobs import CALL_SINGLE, DEAD, QUEUES
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/queues", "operation")

SHOWN_BYTES = 4_096
ID_EXAMPLE = "9f86d081884c7d65"

LetterId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", examples=[ID_EXAMPLE])]


class QueueShape(BaseModel):
    """`depth`: how many messages wait, those in a worker's hand left out."""

    name: str = Field(examples=[CALL_SINGLE])
    depth: int = Field(examples=[12])


class QueueList(BaseModel):
    items: list[QueueShape]
    total: int = Field(description="How many queues there are.", examples=[5])
    dead_letters: int = Field(description="How many messages were laid aside.", examples=[0])


class LetterShape(BaseModel):
    """A message that could not be understood or done. Several that are the same have the same `id`."""

    id: str = Field(examples=[ID_EXAMPLE])
    queue: str = Field(description='Where it came from; "" when it does not say.', examples=[CALL_SINGLE])
    reason: str = Field(examples=["CallJob.contact_id: Input should be a valid UUID"])
    at: str = Field(description='When it was laid aside, ISO 8601; "" when it does not say.')
    body: str = Field(description="Its first 4,096 bytes; what is no UTF-8 is shown as \N{REPLACEMENT CHARACTER}.")
    size: int = Field(description="Bytes of the whole body.", examples=[180])

    @classmethod
    def of(cls, letter: DeadLetter) -> LetterShape:
        return cls(
            id=letter.id,
            queue=letter.queue,
            reason=letter.reason,
            at=letter.at,
            body=letter.body[:SHOWN_BYTES].decode(errors="replace"),
            size=len(letter.body),
        )


class LettersMoved(BaseModel):
    """What was sent back, or thrown away."""

    letters: int = Field(description="How many.", examples=[1])
    queues: list[str] = Field(description="Where they came from.", examples=[[CALL_SINGLE]])

    @classmethod
    def of(cls, letters: list[DeadLetter]) -> LettersMoved:
        return cls(letters=len(letters), queues=sorted({letter.queue for letter in letters}))


@router.get("")
async def list_queues(rt: Rt) -> QueueList:
    """Every queue, and how much waits on it."""
    depths = await asyncio.gather(*(rt.queue.depth(name) for name in QUEUES))
    items = [QueueShape(name=name, depth=depth) for name, depth in zip(QUEUES, depths, strict=True)]
    return QueueList(items=items, total=len(items), dead_letters=depths[QUEUES.index(DEAD)])


@router.get("/dead")
async def list_letters(rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[LetterShape]:
    """Oldest first. Of more than 10,000 letters only the oldest are shown."""
    letters, total = await dead_letters.list_letters(rt.queue, limit, offset)
    return Page(items=[LetterShape.of(letter) for letter in letters], total=total, limit=limit, offset=offset)


@router.post("/replay")
async def replay_all(rt: Rt) -> LettersMoved:
    """Send every dead letter back to its queue; those that do not say where they came from stay."""
    return LettersMoved.of(await dead_letters.replay(rt.queue))


@router.delete("/dead")
async def discard_all(rt: Rt) -> LettersMoved:
    """Throw every letter away. This cannot be undone."""
    return LettersMoved.of(await dead_letters.discard(rt.queue))


@router.post("/dead/{letter_id}/replay")
async def replay(letter_id: LetterId, rt: Rt) -> LettersMoved:
    """Send a letter back to the queue it came from; what cannot be done still comes back here."""
    return LettersMoved.of(await dead_letters.replay(rt.queue, letter_id))


@router.delete("/dead/{letter_id}")
async def discard(letter_id: LetterId, rt: Rt) -> LettersMoved:
    """Throw a letter away. This cannot be undone."""
    return LettersMoved.of(await dead_letters.discard(rt.queue, letter_id))
