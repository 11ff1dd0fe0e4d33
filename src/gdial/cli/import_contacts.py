"""`gdial import`: a contact list into a running GDial."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from gdial.cli.exit_codes import FAILED
from gdial.cli.screen import console, note, print_json, say, table
from gdial.cli.target import JsonOption, UrlOption, find_target
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api
    from gdial.cli.target import Target

FIRST_ERRORS = 20


def import_contacts(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing; say what would be.")] = False,
    show_all: Annotated[bool, typer.Option("--all", help=f"Show every bad row, not the first {FIRST_ERRORS}.")] = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Take in a contact list. Exit code 0 when people were taken in even if some rows were bad, 1 when nobody was."""
    _check_file(file)
    result = asyncio.run(_import(find_target(url), file, dry_run))
    if as_json:
        print_json(result)
    else:
        show_import(result, limit=None if show_all else FIRST_ERRORS)
    if not accepted(result):
        raise typer.Exit(FAILED)


def accepted(result: dict[str, Any]) -> int:
    """How many people of the list are in GDial now, or would be."""
    return int(result["created"] + result["updated"] + result["unchanged"])


def _check_file(file: Path) -> None:
    if not file.exists():
        raise InvalidInput("there is no such file", where=str(file))
    if not file.is_file():
        raise InvalidInput("is not a file", where=str(file), example="contacts.csv")


async def _import(target: Target, file: Path, dry_run: bool) -> dict[str, Any]:
    from gdial.cli.api import open_api

    async with open_api(target) as api:
        return await upload_list(api, file, dry_run=dry_run)


async def upload_list(api: Api, file: Path, *, dry_run: bool = False) -> dict[str, Any]:
    """What the import answered; progress is shown on a terminal's standard error."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=console(sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar, file.open("rb") as content:
        size = os.fstat(content.fileno()).st_size
        task = bar.add_task(f"Sending {file.name}", total=size)

        def sent(count: int) -> None:
            bar.advance(task, count)
            if count == 0 or bar.tasks[0].completed >= size:
                bar.update(task, description=f"Reading {file.name}")

        answer = await api.upload("/api/contacts/import", content, file.name, sent, dry_run=str(dry_run).lower())
        return dict(answer)


def show_import(result: dict[str, Any], *, limit: int | None = FIRST_ERRORS) -> None:
    counts = f"created {result['created']}, updated {result['updated']}, unchanged {result['unchanged']}"
    say(f"Nothing stored (dry run). It would be: {counts}" if result["status"] == "dry run" else counts.capitalize())
    for text in result["notes"]:
        say(text)
    show_bad_rows(result, limit)


def show_bad_rows(result: dict[str, Any], limit: int | None) -> None:
    errors = result["errors"]
    total = len(errors) + int(result["errors_left_out"])
    if not total:
        return
    shown = errors[:limit]
    rows = [(error["line"], error["column"], error["value"], error["reason"]) for error in shown]
    say(f"{total} bad cell{'' if total == 1 else 's'}:")
    say(table(("Line", "Column", "Value", "What is wrong"), rows))
    if len(shown) < len(errors):
        note(f"The first {len(shown)} of {total}; all of them with --all.")
    elif len(errors) < total:
        note(f"{total - len(errors)} more were only counted.")
