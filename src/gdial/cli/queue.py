"""`gdial queue`: what waits, and what was laid aside because nobody could do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, show_page
from gdial.cli.screen import confirm, note, print_json, say, table
from gdial.cli.target import JsonOption, UrlOption
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="queue", help="What waits, and what nobody could do.", no_args_is_help=True)

LETTERS = "/api/queues/dead"
REPLAY_ALL = "/api/queues/replay"
SHOWN_CHARACTERS = 120

LetterArgument = Annotated[
    str | None, typer.Argument(metavar="[LETTER]", help="Its id, or the first characters.", show_default=False)
]
AllOption = Annotated[bool, typer.Option("--all", help="All letters.")]


@app.command("status")
def status(as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Tell how many messages wait on each queue."""
    found = ask(url, lambda api: api.get("/api/queues"))
    if as_json:
        print_json(found)
        return
    say(table(("Queue", "Waiting"), [(it["name"], it["depth"]) for it in found["items"]]))
    if found["dead_letters"]:
        note("Something could not be done. See it with: gdial queue dead")


@app.command("dead")
def dead(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List what could not be understood or done, oldest first, with the reason."""
    page = ask(url, lambda api: api.get(LETTERS, limit=limit))
    show_page(page, ("When", "Queue", "Reason", "Body", "Bytes", "Id"), _row, as_json=as_json)


@app.command("replay")
def replay(
    letter: LetterArgument = None, every: AllOption = False, as_json: JsonOption = False, url: UrlOption = None
) -> None:
    """Send a letter back to the queue it came from, once what was wrong is mended."""

    async def work(api: Api) -> Item:
        path = f"{LETTERS}/{await _find(api, letter)}/replay" if _is_one(letter, every) else REPLAY_ALL
        return dict(await api.post(path))

    _tell(ask(url, work), "Sent back", as_json=as_json)


@app.command("discard")
def discard(
    letter: LetterArgument = None,
    every: AllOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Throw a letter away."""

    async def work(api: Api) -> Item:
        if not _is_one(letter, every):
            confirm("Throw all dead letters away?", yes=yes)
            return dict(await api.delete(LETTERS))
        letter_id = await _find(api, letter)
        confirm(f"Throw the dead letter {letter_id} away?", yes=yes)
        return dict(await api.delete(f"{LETTERS}/{letter_id}"))

    _tell(ask(url, work), "Thrown away", as_json=as_json)


def _is_one(letter: str | None, every: bool) -> bool:
    """One letter rather than all. Both, and neither, are a slip."""
    if every == (letter is not None):
        raise InvalidInput("name one letter, or say --all", where="LETTER", example="gdial queue replay --all")
    return not every


async def _find(api: Api, wanted: str | None) -> str:
    ids = {str(it["id"]) for it in await api.every(LETTERS)}
    found = [letter_id for letter_id in ids if wanted and letter_id.startswith(wanted.casefold())]
    if len(found) != 1:
        why = "no letter has this id" if not found else f"{len(found)} letters begin so"
        raise InvalidInput(f"{why}: {wanted}; gdial queue dead lists them", where="LETTER")
    return found[0]


def _row(it: Item) -> Sequence[object]:
    body = " ".join(it["body"].split())[:SHOWN_CHARACTERS]
    return it["at"], it["queue"], it["reason"], body, it["size"], it["id"]


def _tell(moved: Item, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(moved)
        return
    letters = moved["letters"]
    say(f"{what}: {letters} {'letter' if letters == 1 else 'letters'}")
