"""An SQLite database as a file to copy and to look into. Plain `sqlite3`: nothing of GDial may be running on it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from gdial.errors import InvalidInput, SetupError
from gdial.storage.backup.archive import create_private

BUSY_SECONDS = 30


def copy_consistent(source: Path, target: Path) -> None:
    """Everything committed when this began, in one piece; writers are not held up (WAL), nor do they disturb it.

    https://www.sqlite.org/lang_vacuum.html#vacuuminto: unlike the backup interface it does not begin again when
    somebody writes meanwhile.
    """
    if not source.exists():
        raise SetupError(f"there is no database {source}")
    create_private(target).close()
    uri = f"{source.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise SetupError(f"the database {source} could not be copied: {error}") from error


def look_into(file: Path) -> tuple[str, dict[str, int]]:
    """The revision and the rows of each table; ("", {}) for a database without GDial's tables."""
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        names = [name for (name,) in connection.execute(query)]
        if "alembic_version" not in names:
            return "", {}
        count = 'SELECT count(*) FROM "{}"'
        counts = {name: connection.execute(count.format(name)).fetchone()[0] for name in names}
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return (row[0] if row else ""), counts


def held(file: Path) -> dict[str, int] | None:
    """The rows of each table, {} where there is no file; None where there is one that cannot be read."""
    if not file.exists():
        return {}
    try:
        return look_into(file)[1]
    except sqlite3.DatabaseError:
        return None


def require_sound(file: Path) -> None:
    """Raises InvalidInput when SQLite finds the file damaged."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise InvalidInput(f"the database in the backup is damaged: {verdict}")


def put_in_place(new: Path, target: Path, keep_as: Path) -> bool:
    """Swap the database for another in one step; the one that was there is kept. Whether there was one.

    The caller sees to it that nobody has either open.
    """
    there_was_one = target.exists()
    if there_was_one:
        try:
            _settle(target)
        except sqlite3.DatabaseError:
            # Damaged, which may be why another is put in its place: it is kept with all that belongs to it.
            _set_aside_logs(target, keep_as)
        os.link(target, keep_as)
    new.replace(target)
    _sync_folder(target.parent)
    return there_was_one


def _settle(file: Path) -> None:
    """Everything into the one file: what lies in the log beside it would be taken for the new database's."""
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise SetupError(f"another program has {file} open; end it first")
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _set_aside_logs(file: Path, keep_as: Path) -> None:
    for suffix in ("-wal", "-shm"):
        log = file.with_name(file.name + suffix)
        if log.exists():
            log.replace(keep_as.with_name(keep_as.name + suffix))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
