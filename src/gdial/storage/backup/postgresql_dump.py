"""A PostgreSQL database as a dump, and back. Only GDial's own tables are touched."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from gdial.errors import Conflict
from gdial.storage.backup.postgresql_programs import Programs
from gdial.storage.database import Database, Transaction
from gdial.storage.tables import metadata

LEFT_OUT = "audio_pieces"
"""Saved without its rows: they are made again, and are larger than everything else together."""

OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


async def dump(database: Database, target: Path) -> tuple[str, dict[str, int]]:
    """What was committed at one moment, and the revision and the counts at that same moment; nobody is held up."""
    async with database.reading() as tx:
        await tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        snapshot = (await tx.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
        schema = (await tx.execute(text("SELECT current_schema()"))).scalar_one()
        revision, counts = await look_into(tx)
        if not counts:
            return revision, counts
        tables = [f'--table="{schema}"."{name}"' for name in counts]
        programs = Programs(database.url, await _server_version(tx))
        await programs.run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={target}",
            f'--exclude-table-data="{schema}"."{LEFT_OUT}"',
            *tables,
        )
        return revision, counts | {name: 0 for name in counts if name == LEFT_OUT}


async def look_into(tx: Transaction) -> tuple[str, dict[str, int]]:
    """The revision and the rows of each of GDial's tables; ("", {}) for a database without them."""
    names = await _tables(tx)
    if "alembic_version" not in names:
        return "", {}
    counts = {}
    for name in names:
        counts[name] = (await tx.execute(text(f'SELECT count(*) FROM "{name}"'))).scalar_one()  # noqa: S608 - ours
    revision = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    return revision or "", counts


async def require_alone(tx: Transaction) -> None:
    """Raises Conflict when any other program is connected to this database."""
    others = (await tx.execute(OTHERS)).scalar_one()
    if others:
        raise Conflict(
            f"{others} other connection(s) to this database are open; end gdial serve, its workers and every other "
            "program on it first"
        )


async def restore(database: Database, dumped: Path, folder: Path) -> None:
    """GDial's tables as they were dumped, in one transaction: all of it, or nothing has changed."""
    async with database.reading() as tx:
        present = await _tables(tx)
        programs = Programs(database.url, await _server_version(tx))
    drop, script = folder / "drop.sql", folder / "restore.sql"
    # The script clears the search path: the old tables are named before that.
    drop.write_text("".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in present), "utf-8")
    script.touch(0o600)
    await programs.run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dumped))
    await programs.run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        f"--file={drop}",
        f"--file={script}",
    )


async def _tables(tx: Transaction) -> list[str]:
    """GDial's tables that are there."""
    query = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    ours = {*metadata.tables, "alembic_version"}
    return [name for name in (await tx.execute(query)).scalars() if name in ours]


async def _server_version(tx: Transaction) -> int:
    number = (await tx.execute(text("SELECT current_setting('server_version_num')"))).scalar_one()
    return int(number) // 10_000
