"""`gdial run report`: who was reached, as a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gdial.cli.run.show import RunId
from gdial.cli.screen import say
from gdial.cli.target import Target, UrlOption, find_target
from gdial.errors import InvalidInput


def report(
    run: RunId,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Unset: report-ID.csv in this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    url: UrlOption = None,
) -> None:
    """Save a run's report as CSV: one row a person."""
    if out is not None:
        _check(out, force)
    path = asyncio.run(_save(find_target(url), run, out, force))
    say(f"Report saved: {path}")


async def _save(target: Target, run: str, out: Path | None, force: bool) -> Path:
    from gdial.cli.api import open_api
    from gdial.cli.names import find_run

    async with open_api(target) as api:
        run_id = await find_run(api, run)
        path = out or Path(f"report-{run_id[:8]}.csv")
        _check(path, force)
        await api.download(f"/api/runs/{run_id}/report.csv", path)
    return path


def _check(path: Path, force: bool) -> None:
    if path.is_dir():
        raise InvalidInput("is a folder; name the file", where="--out", example="report.csv")
    if not path.absolute().parent.is_dir():
        raise InvalidInput(f"there is no folder {path.parent}", where="--out", example="report.csv")
    if path.exists() and not force:
        raise InvalidInput(f"{path} is there already; write over it with --force", where="--out")
