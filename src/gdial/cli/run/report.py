"""`gdial run report`: who was reached, as a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gdial.cli.out_files import ForceOption, check_out_file, kind_of
from gdial.cli.run.show import RunId
from gdial.cli.screen import say
from gdial.cli.target import Target, UrlOption, find_target

OUT = "--out"


def report(
    run: RunId,
    out: Annotated[
        Path | None, typer.Option(OUT, metavar="FILE", help="CSV or XLSX. Unset: report-ID.csv in this folder.")
    ] = None,
    force: ForceOption = False,
    url: UrlOption = None,
) -> None:
    """Save a run's report, as CSV or as a workbook: one row a person."""
    if out is not None:
        kind_of(out, OUT)
        check_out_file(out, OUT, force=force)
    path = asyncio.run(_save(find_target(url), run, out, force))
    say(f"Report saved: {path}")


async def _save(target: Target, run: str, out: Path | None, force: bool) -> Path:
    from gdial.cli.api import open_api
    from gdial.cli.names import find_run

    async with open_api(target) as api:
        run_id = await find_run(api, run)
        path = out or Path(f"report-{run_id[:8]}.csv")
        check_out_file(path, OUT, force=force)
        await api.download(f"/api/runs/{run_id}/report.{kind_of(path, OUT)}", path)
    return path
