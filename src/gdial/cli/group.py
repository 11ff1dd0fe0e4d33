"""`gdial group`: named lists of contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, show_page
from gdial.cli.contact import contact_row
from gdial.cli.names import find_contacts, find_group
from gdial.cli.screen import confirm, print_json, say
from gdial.cli.target import JsonOption, UrlOption
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="group", help="Named lists of contacts.", no_args_is_help=True)

GroupArgument = Annotated[
    str, typer.Argument(metavar="GROUP", help="Name, id, or the first characters of the id.", show_default=False)
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Of the group.", show_default=False)]
ContactsArgument = Annotated[list[str], typer.Argument(metavar="CONTACT...", help="Names or ids.", show_default=False)]


@app.command("list")
def list_groups(
    search: Annotated[str | None, typer.Option(metavar="TEXT", help="Part of a name.")] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List groups by name."""
    page = ask(url, lambda api: api.get("/api/groups", search=search, limit=limit))
    show_page(page, ("Name", "People", "Id"), lambda it: (it["name"], it["size"], it["id"]), as_json=as_json)


@app.command("show")
def show(group: GroupArgument, limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Show a group and who is in it."""

    async def work(api: Api) -> tuple[Item, Item]:
        found = await find_group(api, group)
        return found, await api.get(f"/api/groups/{found['id']}/members", limit=limit)

    found, members = ask(url, work)
    if as_json:
        print_json(found | {"members": members})
        return
    say(_sentence(found))
    show_page(members, ("Name", "Numbers", "Groups", "Id"), contact_row, as_json=False)


@app.command("add")
def add(
    name: NameArgument,
    contact: Annotated[
        list[str] | None, typer.Option("--contact", metavar="CONTACT", help="Who is in it from the start; repeat it.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Add a group."""

    async def work(api: Api) -> Item:
        members = await find_contacts(api, contact or [])
        return dict(await api.post("/api/groups", {"name": name, "contact_ids": [it["id"] for it in members]}))

    _tell(ask(url, work), as_json=as_json)


@app.command("rename")
def rename(group: GroupArgument, name: NameArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Give a group another name."""

    async def work(api: Api) -> Item:
        found = await find_group(api, group)
        return dict(await api.patch(f"/api/groups/{found['id']}", {"name": name}))

    _tell(ask(url, work), as_json=as_json)


@app.command("remove")
def remove(group: GroupArgument, yes: YesOption = False, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Remove a group. The people in it stay, and runs made with it go on."""

    async def work(api: Api) -> Item:
        found = await find_group(api, group)
        confirm(f"Remove the group {_sentence(found)}?", yes=yes)
        await api.delete(f"/api/groups/{found['id']}")
        return found

    removed = ask(url, work)
    print_json(removed) if as_json else say(f"Removed {removed['name']}; its people stay")


@app.command("join")
def join(group: GroupArgument, contact: ContactsArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Put contacts into a group. Who is in it already stays."""

    async def work(api: Api) -> Item:
        found = await find_group(api, group)
        members = await find_contacts(api, contact, where="CONTACT")
        body = {"contact_ids": [member["id"] for member in members]}
        return dict(await api.post(f"/api/groups/{found['id']}/members", body))

    _tell(ask(url, work), as_json=as_json)


@app.command("leave")
def leave(group: GroupArgument, contact: ContactsArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Take contacts out of a group. They stay contacts."""

    async def work(api: Api) -> Item:
        found = await find_group(api, group)
        members = await find_contacts(api, contact, where="CONTACT")
        _check_members(found, members)
        for member in members:
            await api.delete(f"/api/groups/{found['id']}/members/{member['id']}")
        return dict(await api.get(f"/api/groups/{found['id']}"))

    _tell(ask(url, work), as_json=as_json)


def _check_members(group: Item, contacts: list[Item]) -> None:
    """Before anybody is taken out."""
    for contact in contacts:
        if group["id"] not in [each["id"] for each in contact["groups"]]:
            raise InvalidInput(f"{contact['name']} is not in {group['name']}", where="CONTACT")


def _tell(group: Item, *, as_json: bool) -> None:
    print_json(group) if as_json else say(_sentence(group))


def _sentence(group: Item) -> str:
    people = group["size"]
    return f"{group['name']}, {people} {'person' if people == 1 else 'people'}, {group['id']}"
