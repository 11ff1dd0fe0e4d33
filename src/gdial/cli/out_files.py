"""Files that commands save: CSV or a workbook, by the ending of the name, and none written over unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gdial.errors import InvalidInput

KINDS = ("csv", "xlsx")

ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def kind_of(path: Path, where: str) -> str:
    """`csv` or `xlsx`."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in KINDS:
        raise InvalidInput(f"{path.name} ends neither in .csv nor in .xlsx", where=where, example=f"{path.stem}.csv")
    return kind


def check_out_file(path: Path, where: str, *, force: bool) -> None:
    if path.is_dir():
        raise InvalidInput("is a folder; name the file", where=where, example="report.csv")
    if not path.absolute().parent.is_dir():
        raise InvalidInput(f"there is no folder {path.parent}", where=where, example="report.csv")
    if path.exists() and not force:
        raise InvalidInput(f"{path} is there already; write over it with --force", where=where)
