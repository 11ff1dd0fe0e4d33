"""`gdial message`: saved texts and what their keys mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, show_page
from gdial.cli.message_changes import MessageEdit, changes_of, read_text
from gdial.cli.message_preview import preview
from gdial.cli.names import find_message
from gdial.cli.run.wish import KEY_EXAMPLE, drop_unset, read_keys
from gdial.cli.screen import confirm, facts, print_json, say
from gdial.cli.target import JsonOption, UrlOption
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="message", help="Saved texts and what their keys mean.", no_args_is_help=True)

MessageArgument = Annotated[
    str, typer.Argument(metavar="MESSAGE", help="Name, id, or the first characters of the id.", show_default=False)
]
TextOption = Annotated[str | None, typer.Option(metavar="TEXT", help="What is said.")]
FileOption = Annotated[
    str | None, typer.Option("--file", metavar="FILE", help="A UTF-8 file with the text; - is standard input.")
]
KeysOption = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY=LABEL:REPLY", help=f'What a key means, as in "{KEY_EXAMPLE}"; repeat it.'),
]
LanguageOption = Annotated[
    str | None, typer.Option(metavar="CODE", help="Of the text, such as sv. Unset: the installation's.")
]


@app.command("list")
def list_messages(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List saved messages by name."""
    page = ask(url, lambda api: api.get("/api/messages", limit=limit))
    show_page(page, ("Name", "Language", "Keys", "Text", "Id"), _row, as_json=as_json)


@app.command("show")
def show(message: MessageArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Show a message: text, keys and translations."""
    _tell(ask(url, lambda api: find_message(api, message, where="MESSAGE")), as_json=as_json)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the message.", show_default=False)],
    text: TextOption = None,
    file: FileOption = None,
    key: KeysOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Save a message. Its other languages: gdial message edit NAME --in en --text TEXT."""
    said = read_text(text, file)
    if said is None:
        raise InvalidInput("say what is said", where="--text or --file", example="--text 'Hello {first_name}.'")
    body = drop_unset(name=name, text=said, language=language, responses=read_keys(key or []) or None)
    _tell(ask(url, lambda api: api.post("/api/messages", body)), as_json=as_json)


@app.command("edit")
def edit(
    message: MessageArgument,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Another name.")] = None,
    text: TextOption = None,
    file: FileOption = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="KEY=LABEL:REPLY", help='All keys anew; repeat it. "" for none.'),
    ] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="The text is in this language.")] = None,
    in_language: Annotated[
        str | None, typer.Option("--in", metavar="CODE", help="--text and --key are of the translation into this.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="CODE", help="Take a translation away; repeat it.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Change a message or a translation of it; the rest stays. Runs made before keep what they were made with."""
    keys = None if key is None else read_keys([it for it in key if it.strip()])
    wanted = MessageEdit(name, read_text(text, file), keys, language, in_language, tuple(without or ()))

    async def work(api: Api) -> Item:
        found = await find_message(api, message, where="MESSAGE")
        return dict(await api.patch(f"/api/messages/{found['id']}", changes_of(found, wanted)))

    _tell(ask(url, work), as_json=as_json)


@app.command("remove")
def remove(
    message: MessageArgument, yes: YesOption = False, as_json: JsonOption = False, url: UrlOption = None
) -> None:
    """Remove a message. Runs made with it go on."""

    async def work(api: Api) -> Item:
        found = await find_message(api, message, where="MESSAGE")
        confirm(f"Remove the message {found['name']} ({found['id']})?", yes=yes)
        await api.delete(f"/api/messages/{found['id']}")
        return found

    removed = ask(url, work)
    print_json(removed) if as_json else say(f"Removed {removed['name']}")


app.command("preview")(preview)


def _row(message: Item) -> Sequence[object]:
    return message["name"], message["language"], _labels(message), message["text"], message["id"]


def _labels(content: Item) -> str:
    return ", ".join(f"{key} {response['label']}" for key, response in content["responses"].items())


def _tell(message: Item, *, as_json: bool) -> None:
    if as_json:
        print_json(message)
        return
    lines = [("Name", message["name"]), ("Id", message["id"])]
    for language, content in [(message["language"], message), *message["translations"].items()]:
        keys = [(f"  key {key}", _meaning(response)) for key, response in content["responses"].items()]
        lines += [(f"In {language}", content["text"]), *keys]
    say(facts(lines))


def _meaning(response: Item) -> str:
    return f"{response['label']}: {response['reply']}" if response["reply"] else str(response["label"])
