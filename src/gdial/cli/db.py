"""`gdial db`: the tables of the database at DATABASE_URL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from gdial.cli.screen import say
from gdial.errors import SetupError

if TYPE_CHECKING:
    from gdial.settings import Settings

app = typer.Typer(name="db", help="Bring the database to the tables this version needs.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Run the migrations that are missing. An SQLite database is also upgraded by gdial serve itself."""
    settings = _settings()
    done = asyncio.run(_upgrade(settings))
    where = _where(settings)
    say(f"{where}: ran {', '.join(done)}." if done else f"{where}: nothing to do, it is up to date.")


@app.command()
def status() -> None:
    """Tell whether migrations are missing. Exit code 0: up to date; 1: not."""
    settings = _settings()
    if settings.database_path and not settings.database_path.exists():
        raise SetupError(f"there is no database {settings.database_path} yet; make it with: gdial db upgrade")
    asyncio.run(_check(settings))
    say(f"{_where(settings)}: up to date.")


def _settings() -> Settings:
    from gdial.settings import get_settings

    return get_settings()


def _where(settings: Settings) -> str:
    from gdial.settings.checks import without_password

    return str(settings.database_path or without_password(settings.database_url))


async def _upgrade(settings: Settings) -> list[str]:
    from gdial.storage.database import Database
    from gdial.storage.migrate import upgrade as run_missing

    database = Database(settings.database_url)
    try:
        return await run_missing(database)
    finally:
        await database.close()


async def _check(settings: Settings) -> None:
    from gdial.storage.database import Database
    from gdial.storage.migrate import check

    database = Database(settings.database_url)
    try:
        await check(database)
    finally:
        await database.close()
