"""Take a backup, beside a GDial that serves."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from gdial.errors import SetupError
from gdial.storage.backup import archive, postgresql_dump, sqlite_file
from gdial.storage.backup.archive import Manifest, Progress
from gdial.storage.database import Database

NOTHING_THERE = "there is nothing to save: the database has no tables of GDial yet; make them with: gdial db upgrade"


async def make_backup(database_url: str, target: Path, now: datetime, progress: Progress) -> Manifest:
    """Everything that was committed when this began, into a file of mode 0600 that appears whole or not at all.

    The installation's secret is part of it; the API token, `.env` and the audio are not. Raises SetupError.
    """
    database = Database(database_url)
    try:
        # Beside the target: what is saved is as secret there as here, and there is room for it.
        with tempfile.TemporaryDirectory(prefix=".gdial-backup-", dir=target.parent) as folder:
            payload = Path(folder) / "payload"
            revision, counts = await _save(database, payload, progress)
            manifest = Manifest(
                version=version("gdial"),
                kind="sqlite" if database.is_sqlite else "postgresql",
                revision=revision,
                created_at=now.isoformat(timespec="seconds"),
                counts=counts,
                sha256=await asyncio.to_thread(archive.digest, payload),
                size=payload.stat().st_size,
            )
            progress("Writing", 0, 0)
            await asyncio.to_thread(archive.write_archive, target, manifest, payload)
        return manifest
    finally:
        await database.close()


async def _save(database: Database, payload: Path, progress: Progress) -> tuple[str, dict[str, int]]:
    progress("Copying the database", 0, 0)
    if not database.is_sqlite:
        archive.create_private(payload).close()
        revision, counts = await postgresql_dump.dump(database, payload)
        return _required(revision, counts)
    source, copy = Path(database.url.database or ""), payload.with_name("copy")
    await asyncio.to_thread(sqlite_file.copy_consistent, source, copy)
    revision, counts = _required(*await asyncio.to_thread(sqlite_file.look_into, copy))
    await asyncio.to_thread(archive.compress, copy, payload, progress)
    copy.unlink()
    return revision, counts


def _required(revision: str, counts: dict[str, int]) -> tuple[str, dict[str, int]]:
    if not counts:
        raise SetupError(NOTHING_THERE)
    return revision, counts
