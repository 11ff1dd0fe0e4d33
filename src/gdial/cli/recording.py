"""`gdial recording`: what people spoke themselves, for messages to play."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, show_page
from gdial.cli.names import find_recording
from gdial.cli.run.wish import drop_unset
from gdial.cli.screen import confirm, facts, print_json, say
from gdial.cli.target import JsonOption, UrlOption
from gdial.errors import InvalidInput
from gdial.speech.recording_limits import LARGEST_BYTES

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="recording", help="Sound of your own, for messages to play.", no_args_is_help=True)

RecordingArgument = Annotated[
    str, typer.Argument(metavar="RECORDING", help="Name, id, or the first characters of the id.", show_default=False)
]


@app.command("list")
def list_recordings(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List recordings by name, with what to write in a message to have one played."""
    page = ask(url, lambda api: api.get("/api/recordings", limit=limit))
    show_page(page, ("In a message", "Language", "Seconds", "What is said", "Id"), _row, as_json=as_json)


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="WAV, MP3, M4A or OGG.", show_default=False)],
    text: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="What is said in it; spoken where its sound cannot be had.", show_default=False
        ),
    ],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Unset: that of the file.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Unset: the installation's.")] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Take in a recording of at most five minutes."""
    _check_file(file)
    fields = drop_unset(name=name or file.stem, text=text, language=language)

    async def work(api: Api) -> Item:
        with file.open("rb") as content:
            return dict(await api.upload("/api/recordings", content, file.name, lambda _sent: None, fields))

    _tell(ask(url, work), as_json=as_json)


@app.command("remove")
def remove(
    recording: RecordingArgument, yes: YesOption = False, as_json: JsonOption = False, url: UrlOption = None
) -> None:
    """Remove a recording that no message and no run plays."""

    async def work(api: Api) -> Item:
        found = await find_recording(api, recording)
        confirm(f"Remove the recording {found['name']} ({found['id']})?", yes=yes)
        await api.delete(f"/api/recordings/{found['id']}")
        return found

    removed = ask(url, work)
    print_json(removed) if as_json else say(f"Removed {removed['name']}")


def _check_file(file: Path) -> None:
    if not file.is_file():
        raise InvalidInput("is not a file" if file.exists() else "there is no such file", where=str(file))
    size = file.stat().st_size
    if size > LARGEST_BYTES:
        raise InvalidInput(f"has {size:,} bytes; at most {LARGEST_BYTES:,} are taken", where=str(file))


def _row(recording: Item) -> Sequence[object]:
    return recording["in_text"], recording["language"], recording["seconds"], recording["text"], recording["id"]


def _tell(recording: Item, *, as_json: bool) -> None:
    if as_json:
        print_json(recording)
        return
    lines = [
        ("Name", recording["name"]),
        ("Write in a message", recording["in_text"]),
        ("Seconds", str(recording["seconds"])),
        ("Made from", recording["made_from"]),
        ("What is said", recording["text"]),
        ("Language", recording["language"]),
        ("Id", recording["id"]),
    ]
    say(facts(lines))
