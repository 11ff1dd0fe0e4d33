"""One database, two sizes: SQLite in a file, or PostgreSQL. Opens it and hands out transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Dialect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gdial.errors import DatabaseUnavailable
from gdial.storage.grouping import Kind
from gdial.storage.postgresql import PostgresDatabase
from gdial.storage.sqlite import SqliteDatabase
from gdial.storage.transaction import Transaction
from gdial.storage.trouble import Troubles, is_full

__all__ = ["Database", "Transaction"]

Loaded = TypeVar("Loaded")
T = TypeVar("T")

PASSING_SQLSTATES = ("08", "25006", "40", "53", "55P03", "57", "58")
"""PostgreSQL's conditions that pass: connection, a standby that is not yet the primary, deadlock, too many connections
or too little room, a lock not free, shutting down or starting up, the system around it
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

CONTENTION_SQLSTATES = ("40", "55P03")

OUR_OWN_FAULTS = ("no such ", "near ", "table ", "too many ")
"""How SQLite begins to tell of a wrong statement or a missing migration."""


class Database:
    """`url` is `sqlite:///file` or `postgresql://…`.

    Errors of a database that is away, locked or overloaded are raised as DatabaseUnavailable; the transaction has
    then not happened, unless the connection was lost during the commit itself: then nobody knows.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.troubles = Troubles()
        self._behind = SqliteDatabase(self.url) if self.is_sqlite else PostgresDatabase(self.url)

    @property
    def dialect(self) -> Dialect:
        """For rows that are made before a transaction begins."""
        return self._behind.dialect

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction that writes; committed when the block ends, rolled back when it raises."""
        with _told_plainly(self.troubles):
            async with self._behind.transaction() as tx:
                yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A transaction for reading only; beside a writer it sees what was committed before."""
        with _told_plainly(self.troubles):
            async with self._behind.reading() as tx:
                yield tx

    async def together(
        self, kind: Kind[Loaded], id_: UUID, work: Callable[[Transaction, Loaded | None], Awaitable[T]]
    ) -> T:
        """Run this work in a transaction with what `kind` loads for the id (None: there is no such thing); on
        PostgreSQL, where many such pieces arrive at once, in one transaction with some of them.

        The work changes nothing but through its transaction, and awaits nothing else: it may be run a second time after
        a rollback. It is not stopped when the caller is cancelled.
        """
        with _told_plainly(self.troubles):
            return await self._behind.together(kind, id_, work)

    async def close(self) -> None:
        await self._behind.close()


@contextmanager
def _told_plainly(troubles: Troubles) -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailable as error:
        troubles.note(str(error))
        raise
    except (PoolTimeout, ConnectionError) as error:
        troubles.note(_cause(error))
        raise DatabaseUnavailable(f"the database does not answer: {_cause(error)}") from error
    except DBAPIError as error:
        if not _may_pass(error):
            raise
        # A deadlock, or a claim that somebody else was faster with, says nothing about the database.
        if not _is_contention(error):
            troubles.note(_cause(error), is_full=is_full(getattr(error.orig, "sqlstate", None), str(error.orig)))
        raise DatabaseUnavailable(f"the database does not answer: {_cause(error)}") from error


def _is_contention(error: DBAPIError) -> bool:
    return (getattr(error.orig, "sqlstate", None) or "").startswith(CONTENTION_SQLSTATES)


def _may_pass(error: DBAPIError) -> bool:
    """Whether the same statement may succeed later. SQLite calls a missing column "operational" too: that stays."""
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    if (getattr(error.orig, "sqlstate", None) or "").startswith(PASSING_SQLSTATES):
        return True
    return isinstance(error, OperationalError) and not str(error.orig).startswith(OUR_OWN_FAULTS)


def _cause(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
