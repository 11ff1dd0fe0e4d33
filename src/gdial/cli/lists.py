"""`gdial contact list`, `gdial group list`, `gdial message list`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from gdial.cli.screen import note, print_json, say, table
from gdial.cli.target import JsonOption, Target, UrlOption, find_target

contact_app = typer.Typer(name="contact", help="The people.", no_args_is_help=True)
group_app = typer.Typer(name="group", help="Named lists of contacts.", no_args_is_help=True)
message_app = typer.Typer(name="message", help="Saved texts and what their keys mean.", no_args_is_help=True)

LimitOption = Annotated[int, typer.Option(metavar="N", min=1, max=500, help="How many at most.")]
SearchOption = Annotated[str | None, typer.Option(metavar="TEXT", help="Part of a name or a number.")]

Row = Callable[[dict[str, Any]], Sequence[object]]


@contact_app.command("list")
def list_contacts(
    search: SearchOption = None,
    group: Annotated[str | None, typer.Option(metavar="NAME", help="Only members of this group.")] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List contacts by name."""
    page = asyncio.run(_contacts(find_target(url), search, group, limit))
    _show(page, ("Name", "Numbers", "Groups", "Id"), _contact, as_json)


@group_app.command("list")
def list_groups(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List groups by name."""
    page = asyncio.run(_page(find_target(url), "/api/groups", limit))
    _show(page, ("Name", "People", "Id"), lambda group: (group["name"], group["size"], group["id"]), as_json)


@message_app.command("list")
def list_messages(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List saved messages by name."""
    page = asyncio.run(_page(find_target(url), "/api/messages", limit))
    _show(page, ("Name", "Language", "Keys", "Text", "Id"), _message, as_json)


async def _page(target: Target, path: str, limit: int) -> dict[str, Any]:
    from gdial.cli.api import open_api

    async with open_api(target) as api:
        return dict(await api.get(path, limit=limit))


async def _contacts(target: Target, search: str | None, group: str | None, limit: int) -> dict[str, Any]:
    from gdial.cli.api import open_api
    from gdial.cli.run.names import find_groups

    async with open_api(target) as api:
        group_id = (await find_groups(api, [group]))[0]["id"] if group else None
        return dict(await api.get("/api/contacts", search=search, group_id=group_id, limit=limit))


def _show(page: dict[str, Any], headings: Sequence[str], row: Row, as_json: bool) -> None:
    if as_json:
        print_json(page)
        return
    items = page["items"]
    say(table(headings, [row(item) for item in items]))
    if len(items) < page["total"]:
        note(f"{len(items)} of {page['total']}; more with --limit")


def _contact(contact: dict[str, Any]) -> Sequence[object]:
    numbers = ", ".join(number["number"] for number in contact["phone_numbers"])
    return contact["name"], numbers, ", ".join(group["name"] for group in contact["groups"]), contact["id"]


def _message(message: dict[str, Any]) -> Sequence[object]:
    keys = ", ".join(f"{key} {response['label']}" for key, response in message["responses"].items())
    return message["name"], message["language"], keys, message["text"], message["id"]
