"""Small transactions of the same kind that wait for one another anyway become one: PostgreSQL's hot path.

Under load, a webhook costs far less as one of thirty than alone: one lock, one look, one insert, one update and one
commit serve all. There are no timers: while transactions run, those that arrive are gathered into the next one. With
nothing to wait for, a piece of work runs alone and at once, as an ordinary transaction.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gdial.errors import DatabaseUnavailable
from gdial.storage.members import MemberTransaction, Rounds
from gdial.storage.transaction import Transaction

GROUPS_AT_ONCE = 4
"""One that waits for a lock must not hold up everybody."""
MOST_TOGETHER = 50

Loaded = TypeVar("Loaded")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Loaded]):
    """What pieces of work that go together have in common.

    `lock_and_load` finds what stands behind the ids and lets it stand still until the transaction ends, in an order
    that is the same in every process. Pieces whose loaded values have the same `identity` never share a transaction.
    """

    lock_and_load: Callable[[Transaction, Sequence[UUID]], Awaitable[Mapping[UUID, Loaded]]]
    identity: Callable[[Loaded], Hashable]


@dataclass(slots=True, eq=False)
class _Piece:
    kind: Kind[Any]
    id: UUID
    work: Callable[[Transaction, Any], Awaitable[Any]]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    done: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def succeed(self, result: Any) -> None:
        if not self.done.done():
            self.done.set_result(result)

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Gatherer:
    """`begin` opens a transaction of the database that this is for."""

    def __init__(self, begin: Callable[[], AbstractAsyncContextManager[Transaction]]) -> None:
        self._begin = begin
        self._waiting: list[_Piece] = []
        self._running: dict[asyncio.Task[None], set[UUID]] = {}

    async def run(
        self, kind: Kind[Loaded], id_: UUID, work: Callable[[Transaction, Loaded | None], Awaitable[Any]]
    ) -> Any:
        """What the work returned, after the commit; raises what the work or the database raised.

        The work may be run a second time in a new transaction when the first was rolled back, so it changes nothing
        but through its transaction. Cancelling the caller does not stop it.
        """
        piece = _Piece(kind, id_, work)
        # Of a caller that was cancelled, nobody else looks.
        piece.done.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._waiting.append(piece)
        self._start_next()
        return await asyncio.shield(piece.done)

    async def close(self) -> None:
        """Wait for what runs."""
        while self._running:
            await asyncio.wait(self._running)

    def _start_next(self) -> None:
        while len(self._running) < GROUPS_AT_ONCE and (pieces := self._take_group()):
            task = asyncio.create_task(self._run_group(pieces))
            self._running[task] = {piece.id for piece in pieces}
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._start_next()

    def _take_group(self) -> list[_Piece]:
        """Of one kind and each id once, the first that came first. An id that a running group has would only make this
        one wait for that one's locks."""
        ids = set[UUID]().union(*self._running.values())
        group, left = list[_Piece](), list[_Piece]()
        for piece in self._waiting:
            fits = len(group) < MOST_TOGETHER and piece.id not in ids and (not group or piece.kind is group[0].kind)
            (group if fits else left).append(piece)
            ids.add(piece.id)
        self._waiting = left
        return group

    async def _run_group(self, pieces: list[_Piece]) -> None:
        try:
            if len(pieces) == 1 or not await self._run_together(pieces):
                for piece in pieces:
                    await asyncio.create_task(self._run_alone(piece), context=piece.context)
        except BaseException as error:
            for piece in pieces:
                piece.fail(error)
            if not isinstance(error, Exception):
                raise

    async def _run_alone(self, piece: _Piece) -> None:
        try:
            async with self._begin() as tx:
                found = await piece.kind.lock_and_load(tx, [piece.id])
                result = await piece.work(tx, found.get(piece.id))
        except Exception as error:
            piece.fail(error)
        else:
            piece.succeed(result)

    async def _run_together(self, pieces: list[_Piece]) -> bool:
        """False when they must be run one by one: what one of them did would be undone with the others' work."""
        kind = pieces[0].kind
        try:
            async with self._begin() as tx:
                found = await kind.lock_and_load(tx, [piece.id for piece in pieces])
                first, again = _apart(pieces, found)
                results = await _in_rounds(tx, first, found)
        except Exception as error:
            cause = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
            if _is_away(cause):
                raise cause from None
            log.warning("transactions run one by one", together=len(pieces), why=_first_line(cause))
            return False
        for piece, result in zip(first, results, strict=True):
            piece.succeed(result)
        self._waiting[:0] = again
        return True


def _apart(pieces: Sequence[_Piece], found: Mapping[UUID, Any]) -> tuple[list[_Piece], list[_Piece]]:
    """Those that can share a transaction, and those for the next: what they loaded will have changed."""
    seen = set[Hashable]()
    first, again = list[_Piece](), list[_Piece]()
    for piece in pieces:
        loaded = found.get(piece.id)
        identity = piece.id if loaded is None else piece.kind.identity(loaded)
        (again if identity in seen else first).append(piece)
        seen.add(identity)
    return first, again


async def _in_rounds(tx: Transaction, pieces: Sequence[_Piece], found: Mapping[UUID, Any]) -> Sequence[Any]:
    rounds = Rounds(tx, members=len(pieces))
    member = MemberTransaction(tx, rounds)
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(rounds.member(piece.work(member, found.get(piece.id))), context=piece.context)
                for piece in pieces
            ]
    finally:
        await rounds.close()
    return [task.result() for task in running]


def _is_away(error: BaseException) -> bool:
    """Whether trying again one by one would only wait for a database that is not there."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, OSError | PoolTimeout | DatabaseUnavailable)


def _first_line(error: BaseException) -> str:
    """Without the statement and its values, which are personal."""
    said = str(getattr(error, "orig", None) or error).splitlines()
    return f"{type(error).__name__}: {said[0] if said else ''}"
