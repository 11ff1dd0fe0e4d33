"""One serving process on one database: the queue and the limiter inside it know of no other."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from asyncpg import connect
from asyncpg.exceptions import PostgresError
from sqlalchemy.engine import make_url

from gdial.errors import DatabaseUnavailable, SetupError

SERVING_LOCK = 0x6764_6961_6C
"""The advisory lock's number: the word gdial in ASCII."""


@asynccontextmanager
async def serving_alone_on(database_url: str) -> AsyncIterator[None]:
    """Raises SetupError when another process serves this database, DatabaseUnavailable when it does not answer.

    On PostgreSQL the lock goes with its connection: one that is lost in between lets a second process start.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with serving_alone(Path(url.database or "")):
            yield
        return
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = await connect(address)  # type: ignore[no-untyped-call]
    except (OSError, PostgresError) as error:
        raise DatabaseUnavailable(f"the database does not answer: {error}") from error
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", SERVING_LOCK):
            raise SetupError(
                "another gdial serve already serves this database; stop it first, or set DATABASE_URL to another one"
            )
        yield
    finally:
        await connection.close(timeout=1)


@contextmanager
def serving_alone(database_file: Path) -> Iterator[None]:
    """Raises SetupError when another process serves this file. The lock goes with the process, however it ends."""
    database_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock_file = database_file.with_name(database_file.name + ".serving")
    handle = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(handle, 20, 0).decode(errors="replace").strip() or "unknown"
            raise SetupError(
                f"another gdial serve (process {pid}) already serves {database_file}; stop it first, "
                "or set DATABASE_URL to another file"
            ) from None
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)
