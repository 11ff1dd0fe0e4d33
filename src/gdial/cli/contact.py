"""`gdial contact`: the people, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, check_anything_said, show_page
from gdial.cli.names import find_contact, find_group, find_groups
from gdial.cli.run.wish import drop_unset
from gdial.cli.screen import confirm, facts, print_json, say, table
from gdial.cli.target import JsonOption, UrlOption

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="contact", help="The people.", no_args_is_help=True)

ContactArgument = Annotated[
    str, typer.Argument(metavar="CONTACT", help="Name, external id, number, id, or the first characters of the id.")
]
SearchOption = Annotated[str | None, typer.Option(metavar="TEXT", help="Part of a name, a number or an external id.")]
NUMBERS = 'Rung in this order; repeat it. LABEL is mobile, home, work or other, as in "mobile=070-123 45 67"'
NumbersOption = Annotated[list[str] | None, typer.Option("--number", metavar="[LABEL=]NUMBER", help=f"{NUMBERS}.")]
NewNumbersOption = Annotated[
    list[str] | None,
    typer.Option("--number", metavar="[LABEL=]NUMBER", help=f"All numbers anew. {NUMBERS}."),
]
GroupsOption = Annotated[list[str] | None, typer.Option("--group", metavar="GROUP", help="Repeat it.")]
NewGroupsOption = Annotated[
    list[str] | None, typer.Option("--group", metavar="GROUP", help='All groups anew; repeat it. "" for none.')
]
LanguageOption = Annotated[str | None, typer.Option(metavar="CODE", help='What they hear, such as sv. "" for none.')]
NotesOption = Annotated[str | None, typer.Option(metavar="TEXT", help='For the operator. "" for none.')]
ExternalIdOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help='What another system knows them by. "" for none.')
]


@app.command("list")
def list_contacts(
    search: SearchOption = None,
    group: Annotated[str | None, typer.Option(metavar="GROUP", help="Only members of this group.")] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List contacts by name."""

    async def work(api: Api) -> Item:
        group_id = (await find_group(api, group, where="--group"))["id"] if group is not None else None
        return dict(await api.get("/api/contacts", search=search, group_id=group_id, limit=limit))

    show_page(ask(url, work), ("Name", "Numbers", "Groups", "Id"), contact_row, as_json=as_json)


@app.command("show")
def show(contact: ContactArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Show a contact: the numbers in the order they are rung, language, groups, notes."""
    tell(ask(url, lambda api: find_contact(api, contact)), as_json=as_json)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the person.")],
    number: NumbersOption = None,
    language: LanguageOption = None,
    group: GroupsOption = None,
    notes: NotesOption = None,
    external_id: ExternalIdOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Add a contact."""

    async def work(api: Api) -> Item:
        body = await _fields(api, None, number or [], language, group, notes, external_id)
        return dict(await api.post("/api/contacts", body | {"name": name}))

    tell(ask(url, work), as_json=as_json)


@app.command("edit")
def edit(
    contact: ContactArgument,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Another name.")] = None,
    number: NewNumbersOption = None,
    language: LanguageOption = None,
    group: NewGroupsOption = None,
    notes: NotesOption = None,
    external_id: ExternalIdOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Change what is said of a contact; the rest stays."""

    async def work(api: Api) -> Item:
        body = await _fields(api, name, number, language, group, notes, external_id)
        check_anything_said(body, 'gdial contact edit "Karin Öst" --number "mobile=070-123 45 67"')
        found = await find_contact(api, contact)
        return dict(await api.patch(f"/api/contacts/{found['id']}", body))

    tell(ask(url, work), as_json=as_json)


@app.command("remove")
def remove(
    contact: ContactArgument, yes: YesOption = False, as_json: JsonOption = False, url: UrlOption = None
) -> None:
    """Remove a contact. What was dialled stays in the reports, without name and number."""

    async def work(api: Api) -> Item:
        found = await find_contact(api, contact)
        confirm(f"Remove {found['name']} ({found['id']})?", yes=yes)
        await api.delete(f"/api/contacts/{found['id']}")
        return found

    removed = ask(url, work)
    print_json(removed) if as_json else say(f"Removed {removed['name']}")


async def _fields(
    api: Api,
    name: str | None,
    numbers: Sequence[str] | None,
    language: str | None,
    groups: Sequence[str] | None,
    notes: str | None,
    external_id: str | None,
) -> Item:
    wanted = None if groups is None else [group for group in groups if group.strip()]
    return drop_unset(
        name=name,
        phone_numbers=None if numbers is None else [read_number(text) for text in numbers],
        language=language,
        notes=notes,
        external_id=external_id,
        group_ids=None if wanted is None else [group["id"] for group in await find_groups(api, wanted)],
    )


def read_number(text: str) -> dict[str, str]:
    """`mobile=070-123 45 67`, or the number alone."""
    label, separator, number = text.rpartition("=")
    return {"number": number.strip(), "label": label.strip()} if separator else {"number": number.strip()}


def contact_row(contact: Item) -> Sequence[object]:
    """Name, numbers, groups, id."""
    numbers = ", ".join(number["number"] for number in contact["phone_numbers"])
    return contact["name"], numbers, _groups(contact), contact["id"]


def _groups(contact: Item) -> str:
    return ", ".join(group["name"] for group in contact["groups"])


def _mark(number: Item) -> str:
    if not number["bad_since"]:
        return ""
    code = f", the carrier's code {number['bad_code']}" if number.get("bad_code") else ""
    return f"cannot be rung since {number['bad_since']}{code}; again: gdial contact trust"


def tell(contact: Item, *, as_json: bool) -> None:
    if as_json:
        print_json(contact)
        return
    lines = [
        ("Name", contact["name"]),
        ("Language", contact["language"]),
        ("Groups", _groups(contact)),
        ("External id", contact["external_id"]),
        ("Notes", contact["notes"]),
        ("Id", contact["id"]),
    ]
    say(facts(lines))
    rows = [(index, it["number"], it["label"], _mark(it)) for index, it in enumerate(contact["phone_numbers"], start=1)]
    say(table(("Order", "Number", "Label", ""), rows))
