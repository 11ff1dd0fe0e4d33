"""A transaction as the nouns of this room see it, whichever database is behind it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, TypeVarTuple, overload

from sqlalchemy import Connection, CursorResult, Dialect, Executable, Row, Select
from sqlalchemy.sql.selectable import TypedReturnsRows

from gdial.storage.driver_rows import DriverRows

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Argument = TypeVar("Argument")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Operation(Generic[Argument, Result]):
    """A statement in two forms: for one argument, and for many at once with a result for each, in their order."""

    one: Callable[[Transaction, Argument], Awaitable[Result]]
    many: Callable[[Transaction, Sequence[Argument]], Awaitable[Sequence[Result]]]


class Transaction(ABC):
    """Executes statements; the block of `Database.transaction` commits or rolls back."""

    @property
    @abstractmethod
    def dialect(self) -> Dialect: ...

    @overload
    async def execute(self, statement: TypedReturnsRows[*Ts], parameters: Any = None) -> CursorResult[*Ts]: ...

    @overload
    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]: ...

    @abstractmethod
    async def execute(self, statement: Any, parameters: Any = None) -> CursorResult[Any]:
        """Run one statement; with a list of parameters, once for each. Read the result inside the transaction."""

    async def run(self, operation: Operation[Argument, Result], argument: Argument) -> Result:
        """As `execute`; in a transaction that several pieces of work share, together with theirs."""
        return await operation.one(self, argument)

    @abstractmethod
    async def insert_rows(self, rows: DriverRows) -> None:
        """Many rows at once, made beforehand for this dialect."""

    @abstractmethod
    def portions(self, query: Select[Any], size: int) -> AsyncIterator[Sequence[Row[Any]]]:
        """The rows of a large result, `size` at a time; between them other work of this process goes on."""

    @abstractmethod
    def begin_nested(self) -> AbstractAsyncContextManager[object]:
        """A savepoint: what the block did is undone when it raises, and nothing else."""

    @abstractmethod
    async def run_sync(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Hand a plain connection to something that knows no asyncio, such as a migration."""
