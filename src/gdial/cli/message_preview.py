"""`gdial message preview`: what a person would hear, and where the audio is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, ask
from gdial.cli.names import find_contact, find_message
from gdial.cli.screen import note, print_json, say, table
from gdial.cli.target import JsonOption, UrlOption, find_target

if TYPE_CHECKING:
    from gdial.cli.api import Api

NOT_SPOKEN = "not spoken yet"


def preview(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Name or id.", show_default=False)],
    contact: Annotated[
        str | None, typer.Option("--contact", metavar="CONTACT", help="Who would hear it. Unset: fields in braces.")
    ] = None,
    in_language: Annotated[
        str | None, typer.Option("--in", metavar="CODE", help="Unset: the contact's, or the message's own.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Show what a person would hear, in order, and where the audio is; it is spoken for this if need be."""

    async def work(api: Api) -> Item:
        found = await find_message(api, message, where="MESSAGE")
        heard_by = (await find_contact(api, contact, where="--contact"))["id"] if contact is not None else None
        path = f"/api/messages/{found['id']}/preview"
        return dict(await api.get(path, contact_id=heard_by, language=in_language))

    heard = ask(url, work)
    if as_json:
        print_json(heard)
        return
    _show(heard, find_target(url).url)


def _show(heard: Item, address: str) -> None:
    kind = "a translation" if heard["translated"] else "the message's own language"
    say(f"In {heard['language']}, {kind}, about {heard['estimated_seconds']:.0f} seconds:")
    parts = list(_parts(heard))
    rows = [(when, part["text"], _audio(part, address)) for when, part in parts]
    say(table(("When", "Said", "Audio"), rows))
    if any(part["audio_url"] is None for _, part in parts):
        note(
            "What holds a field is spoken for one person: say which with --contact. "
            "Where that is not it, there is no voice; see: gdial doctor"
        )


def _parts(heard: Item) -> Iterator[tuple[str, Item]]:
    for index, part in enumerate(heard["parts"]):
        yield ("then" if index else "first"), part
    for key, response in heard["keys"].items():
        yield f"key {key}, {response['label']}", response["reply"]
    if heard["no_answer"] is not None:
        yield "no key at all", heard["no_answer"]


def _audio(part: Item, address: str) -> str:
    return NOT_SPOKEN if part["audio_url"] is None else f"{address}{part['audio_url']}"
