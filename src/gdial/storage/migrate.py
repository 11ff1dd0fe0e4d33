"""Brings a database to the tables that this version needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gdial.errors import SetupError
from gdial.storage.database import Database
from gdial.storage.turns import take_turn

FOLDER = Path(__file__).parent / "migrations"


async def upgrade(database: Database) -> list[str]:
    """Run the migrations that are missing, in one transaction; the revisions that were run, oldest first."""
    async with database.transaction() as tx:
        await take_turn(tx, "upgrade")
        missing = await tx.run_sync(_missing)
        if missing:
            await tx.run_sync(_upgrade)
        return missing


async def check(database: Database) -> None:
    """Raises SetupError with the command to type when the database is behind this version, or ahead of it."""
    async with database.reading() as tx:
        missing = await tx.run_sync(_missing)
    if missing:
        raise SetupError(f"the database lacks {len(missing)} migration(s); run: gdial db upgrade")


def require_known(revision: str) -> None:
    """Raises SetupError for a revision that only a newer version has."""
    scripts = ScriptDirectory.from_config(configuration())
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise SetupError(_newer(revision))


def configuration(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _missing(connection: Connection) -> list[str]:
    scripts = ScriptDirectory.from_config(configuration())
    current = MigrationContext.configure(connection).get_current_revision()
    known = [script.revision for script in scripts.walk_revisions()]
    if current is not None and current not in known:
        raise SetupError(_newer(current))
    newest_first = known[: known.index(current)] if current else known
    return newest_first[::-1]


def _newer(revision: str) -> str:
    return (
        f"the database is at revision {revision}, which this version of GDial does not know: "
        "it was used by a newer version; install that one"
    )


def _upgrade(connection: Connection) -> None:
    command.upgrade(configuration(connection), "head")
