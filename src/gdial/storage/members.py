"""Several pieces of work in one transaction, in step: what all of them ask at once becomes one statement."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NoReturn, TypeVar

from sqlalchemy import CursorResult, Dialect, Row, Select

from gdial.storage.driver_rows import DriverRows
from gdial.storage.transaction import Argument, Operation, Result, Transaction

T = TypeVar("T")
Asked = tuple[Any, Any, asyncio.Future[Any]]


class CannotShare(Exception):
    """Asked for something that only a transaction of one's own can do."""


class Rounds:
    """A round is over when every member waits for an answer or has ended; then all that was asked is done."""

    def __init__(self, tx: Transaction, members: int) -> None:
        self._tx = tx
        self._members = members
        self._asked: list[Asked] = []
        self._working: asyncio.Task[None] | None = None
        self._is_over = False

    async def member(self, work: Awaitable[T]) -> T:
        """Once one member has failed nothing more is asked: all will be undone."""
        try:
            return await work
        except BaseException:
            self._is_over = True
            raise
        finally:
            self._members -= 1
            self._end_round()

    async def close(self) -> None:
        """Wait for what was asked: the connection is in use until then."""
        if self._working is not None:
            await asyncio.wait([self._working])

    async def ask(self, what: Any, argument: Any) -> Any:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.append((what, argument, answer))
        self._end_round()
        return await answer

    def _end_round(self) -> None:
        if self._asked and len(self._asked) == self._members and not self._is_over:
            asked, self._asked = self._asked, []
            self._working = asyncio.ensure_future(self._do(asked))

    async def _do(self, asked: Sequence[Asked]) -> None:
        by_operation: dict[int, list[Asked]] = {}
        for one in asked:
            by_operation.setdefault(id(one[0]), []).append(one)
        try:
            for together in by_operation.values():
                await self._do_together(together)
        except Exception as error:
            for _, _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)

    async def _do_together(self, asked: Sequence[Asked]) -> None:
        what = asked[0][0]
        answers: Sequence[Any]
        if isinstance(what, Operation) and len(asked) > 1:
            answers = await what.many(self._tx, [argument for _, argument, _ in asked])
        elif isinstance(what, Operation):
            answers = [await what.one(self._tx, asked[0][1])]
        else:
            answers = [await self._tx.execute(statement, argument) for statement, argument, _ in asked]
        for (_, _, future), answer in zip(asked, answers, strict=True):
            if not future.done():
                future.set_result(answer)


class MemberTransaction(Transaction):
    """One member's view of the transaction that it shares. It awaits nothing but this."""

    def __init__(self, shared: Transaction, rounds: Rounds) -> None:
        self._shared = shared
        self._rounds = rounds

    @property
    def dialect(self) -> Dialect:
        return self._shared.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        result: CursorResult[Any] = await self._rounds.ask(statement, parameters)
        return result

    async def run(self, operation: Operation[Argument, Result], argument: Argument) -> Result:
        result: Result = await self._rounds.ask(operation, argument)
        return result

    async def insert_rows(self, rows: DriverRows) -> None:
        _refuse("insert_rows")

    def portions(self, query: Select[Any], size: int) -> AsyncIterator[Sequence[Row[Any]]]:
        _refuse("portions")

    def begin_nested(self) -> AbstractAsyncContextManager[object]:
        _refuse("begin_nested")

    async def run_sync(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        _refuse("run_sync")


def _refuse(what: str) -> NoReturn:
    raise CannotShare(what)
