"""What is written where: results to standard output, everything about them to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, TextIO

import typer
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from gdial.errors import Conflict

PIPE_COLUMNS = 10_000
"""Without a terminal nothing is wrapped: programs read lines."""


def console(stream: TextIO | None = None) -> Console:
    """Made anew each time, so that it writes to the stream of now. Takes no markup: texts come from people."""
    stream = stream or sys.stdout
    width = None if stream.isatty() else PIPE_COLUMNS
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def say(text: RenderableType = "") -> None:
    """Lines are left to the terminal to wrap, so that a command in one can be copied whole."""
    console().print(text, soft_wrap=isinstance(text, str | Text))


def note(text: str) -> None:
    """Something about the result, such as what was left out."""
    console(sys.stderr).print(text, soft_wrap=True)


def complain(text: str) -> None:
    console(sys.stderr).print(Text.assemble(("error:", "bold red"), " ", text), soft_wrap=True)


def warn(text: str) -> None:
    console(sys.stderr).print(Text.assemble(("warning:", "bold yellow"), " ", text), soft_wrap=True)


def print_json(value: Any, *, in_one_line: bool = False) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=None if in_one_line else 2), flush=True)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone; a no ends the command. Raises Conflict where nobody can answer."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Conflict(f"{question} Say --yes where nobody can answer")
    typer.confirm(question, abort=True, err=True)


def facts(pairs: Sequence[tuple[str, object]]) -> Table:
    """One thing, line by line; what is empty is left out."""
    made = Table.grid(padding=(0, 2))
    for name, value in pairs:
        if value not in (None, ""):
            made.add_row(Text(name, "dim"), Text(str(value)))
    return made


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table of plain texts; whole numbers stand to the right."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for index, heading in enumerate(headings):
        numeric = bool(rows) and all(isinstance(row[index], int) for row in rows)
        made.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return made
