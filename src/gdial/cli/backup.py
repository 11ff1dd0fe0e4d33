"""`gdial backup` and `gdial restore`: the whole database as one file."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from gdial.cli.screen import console, print_json, say, table, warn
from gdial.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from gdial.storage.backup.archive import Manifest
    from gdial.storage.backup.restoring import Restored

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Of the backup.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
TOLD = ("contacts", "groups", "messages", "call_runs", "recipients", "call_logs")


def backup(
    file: FileArgument,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Save the whole database in one file, also while gdial serve works. The file holds people, numbers and the
    installation's secret: it is readable for you alone, and should stay so."""
    from gdial.settings import get_settings
    from gdial.storage.backup.making import make_backup

    _check_target(file, force)
    url = get_settings().database_url
    with _progress() as progress:
        manifest = asyncio.run(make_backup(url, file, datetime.now(UTC), progress))
    if as_json:
        print_json({"file": str(file), **_facts(manifest)})
        return
    say(f"Saved in {file} ({file.stat().st_size:,} bytes): {_counted(manifest)}.")
    say(
        "It holds people, numbers and the secret of this installation, and only you can read it. Not in it: "
        ".env, the API token, and the audio, which is made again."
    )


def restore(
    file: FileArgument,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of a database that is not empty.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before replacing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup into the database of DATABASE_URL, while nothing runs on it. Runs that were ringing are paused."""
    from gdial.settings import get_settings
    from gdial.storage.backup.restoring import restore_backup

    if not file.is_file():
        raise InvalidInput("there is no such file", where=str(file))
    url = get_settings().database_url
    if replace and not yes:
        _ask(url)
    with _progress() as progress:
        done = asyncio.run(restore_backup(url, file, datetime.now(UTC), progress, replace=replace))
    if as_json:
        print_json(_told(done))
    else:
        _show(done)


def _check_target(file: Path, force: bool) -> None:
    if file.is_dir():
        raise InvalidInput("is a folder; name the file", where=str(file), example="gdial.backup")
    if not file.absolute().parent.is_dir():
        raise InvalidInput(f"there is no folder {file.parent}", where=str(file), example="gdial.backup")
    if file.exists() and not force:
        raise InvalidInput("is there already; write over it with --force", where=str(file))


def _ask(url: str) -> None:
    from gdial.settings.checks import without_password

    if not sys.stdin.isatty():
        raise Conflict("--replace asks before it replaces a database; say --yes where nobody can answer")
    typer.confirm(f"Replace all that is in {without_password(url)}?", abort=True, err=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        console=console(sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def _facts(manifest: Manifest) -> dict[str, Any]:
    names = ("version", "kind", "revision", "created_at", "sha256", "size")
    return {name: getattr(manifest, name) for name in names} | {"counts": dict(manifest.counts)}


def _counted(manifest: Manifest) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {manifest.counts.get(name, 0):,}" for name in TOLD)


def _told(done: Restored) -> dict[str, Any]:
    return {
        "backup": _facts(done.manifest),
        "migrations": done.migrations,
        "paused_runs": [str(run.id) for run in done.paused],
        "overdue_runs": [str(run.id) for run in done.overdue],
        "kept_as": str(done.kept_as) if done.kept_as else None,
        "runs": [
            {
                "id": str(run.id),
                "name": run.name,
                "state": run.state,
                **{name: getattr(counts, name) for name in counts.__slots__},
            }
            for run, counts in done.ledgers
        ],
    }


def _show(done: Restored) -> None:
    manifest = done.manifest
    say(f"Restored the backup of {manifest.created_at} (GDial {manifest.version}): {_counted(manifest)}.")
    if done.migrations:
        say(f"Brought up to date: ran {', '.join(done.migrations)}.")
    if done.kept_as:
        say(f"What was there before is kept in {done.kept_as}; remove it when you no longer need it.")
    if done.ledgers:
        headings = ("Run", "State", "Recipients", "Reached", "Not reached", "Stopped", "Waiting", "Calling")
        say(table(headings, [_row(run, counts) for run, counts in done.ledgers]))
    for run in done.paused:
        warn(f"{run.name} was ringing; it is paused. People may have been rung since: gdial run resume, or run stop.")
    for run in done.overdue:
        warn(f"{run.name} was to start at {run.scheduled_at}; it starts as soon as gdial serve does. Stop it first?")


def _row(run: Any, counts: Any) -> tuple[object, ...]:
    order = ("recipients", "reached", "not_reached", "stopped", "waiting", "calling")
    return (run.name, str(run.state), *(getattr(counts, it) for it in order))
