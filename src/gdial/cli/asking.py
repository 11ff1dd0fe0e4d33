"""What the commands have in common that ask a running GDial: one connection, and pages shown as tables."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gdial.cli.screen import note, print_json, say, table
from gdial.cli.target import find_target
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api

T = TypeVar("T")
Item = dict[str, Any]

LimitOption = Annotated[int, typer.Option(metavar="N", min=1, max=500, help="How many at most.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before.")]


def ask(url: str | None, work: Callable[[Api], Awaitable[T]]) -> T:
    """What `work` has from the GDial at `url`, or at the address of here."""
    return asyncio.run(_ask(url, work))


async def _ask(url: str | None, work: Callable[[Api], Awaitable[T]]) -> T:
    from gdial.cli.api import open_api

    async with open_api(find_target(url)) as api:
        return await work(api)


def show_page(page: Item, headings: Sequence[str], row: Callable[[Item], Sequence[object]], *, as_json: bool) -> None:
    """Says so when there is more than was asked for."""
    if as_json:
        print_json(page)
        return
    items = page["items"]
    say(table(headings, [row(item) for item in items]))
    if len(items) < page["total"]:
        note(f"{len(items)} of {page['total']}; more with --limit")


def check_anything_said(body: Item, example: str) -> None:
    """An edit that changes nothing is a slip."""
    if not body:
        raise InvalidInput("say what to change", example=example)
