"""Put a backup in the place of a database."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gdial.dialing.states import RunState
from gdial.errors import Conflict, InvalidInput, SetupError
from gdial.storage import migrate, runs
from gdial.storage.alone import serving_alone
from gdial.storage.backup import archive, postgresql_dump, sqlite_file
from gdial.storage.backup.archive import Manifest, Progress
from gdial.storage.database import Database
from gdial.storage.runs import Counts, Run

NOT_CONTENT = frozenset({"alembic_version", "installation", "audio_pieces"})
"""What every database has that was ever opened, and what is made again."""
SHOWN_RUNS = 10


@dataclass(frozen=True, slots=True)
class Restored:
    """`ledgers` are of the last runs, newest first; `kept_as` is the SQLite file that was there before."""

    manifest: Manifest
    migrations: list[str]
    paused: list[Run]
    overdue: list[Run]
    ledgers: list[tuple[Run, Counts]]
    kept_as: Path | None


async def restore_backup(
    database_url: str, file: Path, now: datetime, progress: Progress, *, replace: bool
) -> Restored:
    """Everything as it was, brought to this version's tables; runs that were ringing are paused, since people may
    have been rung after the backup.

    Raises InvalidInput for a file that cannot be used, Conflict when the database holds something and `replace` is
    not given or somebody uses it, SetupError. Nothing has changed then.
    """
    manifest = archive.read_manifest(file)
    kind = "sqlite" if database_url.startswith("sqlite:") else "postgresql"
    if manifest.kind != kind:
        raise InvalidInput(f"is a backup of {manifest.kind}, while DATABASE_URL names {kind}", where=str(file))
    migrate.require_known(manifest.revision)
    path = Path(database_url.removeprefix("sqlite:///")) if kind == "sqlite" else None
    with serving_alone(path) if path else nullcontext():
        beside = str(path.absolute().parent) if path else None
        with tempfile.TemporaryDirectory(prefix=".gdial-restore-", dir=beside) as name:
            payload = Path(name) / "payload"
            progress("Reading the file", 0, 0)
            await asyncio.to_thread(archive.extract_payload, file, manifest, payload)
            if path:
                return await _restore_sqlite(path, manifest, payload, now, progress, replace=replace)
            return await _restore_postgresql(database_url, manifest, payload, now, progress, replace=replace)


async def _restore_sqlite(
    path: Path, manifest: Manifest, payload: Path, now: datetime, progress: Progress, *, replace: bool
) -> Restored:
    _require_room(sqlite_file.held(path), replace)
    draft = payload.with_name("gdial.db")
    await asyncio.to_thread(archive.decompress, payload, draft, progress)
    await asyncio.to_thread(sqlite_file.require_sound, draft)
    _require_same(manifest, sqlite_file.look_into(draft)[1])
    restored = await _bring_up(f"sqlite:///{draft}", manifest, now, progress)
    keep_as = path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%S}")
    was_there = sqlite_file.put_in_place(draft, path, keep_as)
    return dataclasses.replace(restored, kept_as=keep_as if was_there else None)


async def _restore_postgresql(
    url: str, manifest: Manifest, payload: Path, now: datetime, progress: Progress, *, replace: bool
) -> Restored:
    database = Database(url)
    try:
        async with database.reading() as tx:
            await postgresql_dump.require_alone(tx)
            _require_room((await postgresql_dump.look_into(tx))[1], replace)
        progress("Restoring", 0, 0)
        await postgresql_dump.restore(database, payload, payload.parent)
        async with database.reading() as tx:
            _require_same(manifest, (await postgresql_dump.look_into(tx))[1])
    finally:
        await database.close()
    return await _bring_up(url, manifest, now, progress)


async def _bring_up(url: str, manifest: Manifest, now: datetime, progress: Progress) -> Restored:
    progress("Bringing it up to date", 0, 0)
    database = Database(url)
    try:
        migrations = await migrate.upgrade(database)
        async with database.transaction() as tx:
            ringing = (await runs.page(tx, 1_000_000, 0, RunState.RUNNING))[0]
            for run in ringing:
                why = f"restored from a backup of {manifest.created_at}: people may have been rung since"
                await runs.change(tx, run.id, state=RunState.PAUSED, paused_because=why)
            scheduled = (await runs.page(tx, 1_000_000, 0, RunState.SCHEDULED))[0]
            overdue = [run for run in scheduled if run.scheduled_at and run.scheduled_at <= now]
            last = (await runs.page(tx, SHOWN_RUNS, 0))[0]
            ledgers = [(run, await runs.counts(tx, run.id)) for run in last]
        return Restored(manifest, migrations, ringing, overdue, ledgers, None)
    finally:
        await database.close()


def _require_room(counts: Mapping[str, int] | None, replace: bool) -> None:
    if counts is None and not replace:
        raise Conflict("the database that is there cannot be read; put the backup in its place with --replace")
    counts = counts or {}
    held = {name: rows for name, rows in counts.items() if rows and name not in NOT_CONTENT}
    if held and not replace:
        told = ", ".join(f"{name} {rows:,}" for name, rows in sorted(held.items(), key=lambda item: -item[1])[:4])
        raise Conflict(f"the database is not empty ({told}); put the backup in its place with --replace")


def _require_same(manifest: Manifest, counts: Mapping[str, int]) -> None:
    if dict(manifest.counts) != dict(counts):
        raise SetupError("what was restored has other numbers of rows than the backup tells; the file is not whole")
