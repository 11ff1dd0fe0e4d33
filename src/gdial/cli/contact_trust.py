"""`gdial contact trust`: ring a number again that the carrier said cannot be rung."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, ask
from gdial.cli.contact import ContactArgument, app, tell
from gdial.cli.names import find_contact
from gdial.cli.target import JsonOption, UrlOption
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api

__all__ = ["app"]

PlaceOption = Annotated[
    int | None, typer.Option("--number", metavar="N", min=1, help="Its place in the contact's list; else all of them.")
]


@app.command("trust")
def trust(
    contact: ContactArgument, number: PlaceOption = None, as_json: JsonOption = False, url: UrlOption = None
) -> None:
    """Let runs that start from now on ring numbers again that the carrier said cannot be rung."""

    async def work(api: Api) -> Item:
        found = await find_contact(api, contact)
        for marked in _chosen(found, number):
            found = dict(await api.post(f"/api/contacts/{found['id']}/numbers/{marked['id']}/trust"))
        return found

    tell(ask(url, work), as_json=as_json)


def _chosen(contact: Item, place: int | None) -> list[Item]:
    numbers = contact["phone_numbers"]
    if place is None:
        return [number for number in numbers if number["bad_since"]]
    if place > len(numbers):
        raise InvalidInput(f"{contact['name']} has {len(numbers)} numbers", where="--number", example="1")
    return [numbers[place - 1]]
