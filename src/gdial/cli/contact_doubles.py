"""`gdial contact doubles` and `gdial contact merge`: people who are in twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, show_page
from gdial.cli.contact import ContactArgument, app, tell
from gdial.cli.names import find_contact, find_contacts
from gdial.cli.run.wish import drop_unset
from gdial.cli.screen import confirm
from gdial.cli.target import JsonOption, UrlOption

if TYPE_CHECKING:
    from gdial.cli.api import Api

__all__ = ["app"]


@app.command("doubles")
def doubles(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List contacts who may be the same person, and by what they look it."""

    async def work(api: Api) -> Item:
        return dict(await api.get("/api/contacts/doubles", limit=limit))

    show_page(ask(url, work), ("Why", "In common", "Contacts"), _double_row, as_json=as_json)


def _double_row(double: Item) -> Sequence[object]:
    people = "; ".join(f"{it['name']} ({it['id'][:8]})" for it in double["contacts"])
    return double["reason"], double["shared"], people


@app.command("merge")
def merge(
    contact: ContactArgument,
    others: Annotated[
        list[str], typer.Argument(metavar="OTHER...", help="Who goes; what they have is kept.", show_default=False)
    ],
    external_id: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Which to keep, when they have different ones.")
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Make one contact of several: CONTACT stays, with the numbers, groups, notes and calls of all."""

    async def work(api: Api) -> Item:
        keep = await find_contact(api, contact)
        going = await find_contacts(api, others, where="OTHER")
        names = ", ".join(str(it["name"]) for it in going)
        confirm(f"Put {names} together with {keep['name']} ({keep['id']})?", yes=yes)
        body = {"keep_id": keep["id"], "merge_ids": [it["id"] for it in going], **drop_unset(external_id=external_id)}
        return dict(await api.post("/api/contacts/merge", body))

    tell(ask(url, work), as_json=as_json)
