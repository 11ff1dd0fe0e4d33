"""One serving process on one SQLite file: the queue and the limiter inside it know of no other."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gdial.errors import SetupError


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
