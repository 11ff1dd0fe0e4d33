"""`gdial lexicon`: how the organisation's words are said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, check_anything_said, show_page
from gdial.cli.names import find_lexicon_entry
from gdial.cli.run.wish import drop_unset
from gdial.cli.screen import confirm, print_json, say
from gdial.cli.target import JsonOption, UrlOption

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="lexicon", help="How places, people and other words are said.", no_args_is_help=True)

WordArgument = Annotated[
    str, typer.Argument(metavar="WORD", help="As it is written, id, or its first characters.", show_default=False)
]
LanguageOption = Annotated[
    str | None, typer.Option(metavar="CODE", help="Of the word, such as sv. Unset: the installation's.")
]


@app.command("list")
def list_entries(
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Only of this language.")] = None,
    search: Annotated[str | None, typer.Option(metavar="TEXT", help="Part of what is written.")] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List the words that have an entry."""
    page = ask(url, lambda api: api.get("/api/lexicon", limit=limit, **drop_unset(language=language, search=search)))
    show_page(page, ("Written", "Spoken", "Language", "Id"), _row, as_json=as_json)


@app.command("add")
def add(
    written: Annotated[str, typer.Argument(metavar="WRITTEN", help="As it stands in texts.", show_default=False)],
    spoken: Annotated[str, typer.Argument(metavar="SPOKEN", help="As it is said.", show_default=False)],
    language: LanguageOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Have a word said in another way: gdial lexicon add Hjo Jo --language sv."""
    body = drop_unset(written=written, spoken=spoken, language=language)
    _tell(ask(url, lambda api: api.post("/api/lexicon", body)), as_json=as_json)


@app.command("edit")
def edit(
    word: WordArgument,
    written: Annotated[str | None, typer.Option(metavar="TEXT", help="Written in another way.")] = None,
    spoken: Annotated[str | None, typer.Option(metavar="TEXT", help="Said in another way.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="In another language.")] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Change an entry; the rest of it stays."""
    body = drop_unset(written=written, spoken=spoken, language=language)
    check_anything_said(body, "gdial lexicon edit Hjo --spoken Jo")

    async def work(api: Api) -> Item:
        found = await find_lexicon_entry(api, word)
        return dict(await api.patch(f"/api/lexicon/{found['id']}", body))

    _tell(ask(url, work), as_json=as_json)


@app.command("remove")
def remove(word: WordArgument, yes: YesOption = False, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Have a word read as any other again."""

    async def work(api: Api) -> Item:
        found = await find_lexicon_entry(api, word)
        confirm(f"Remove {found['written']}, said as {found['spoken']} ({found['language']})?", yes=yes)
        await api.delete(f"/api/lexicon/{found['id']}")
        return found

    removed = ask(url, work)
    print_json(removed) if as_json else say(f"Removed {removed['written']}")


def _row(entry: Item) -> Sequence[object]:
    return entry["written"], entry["spoken"], entry["language"], entry["id"]


def _tell(entry: Item, *, as_json: bool) -> None:
    if as_json:
        print_json(entry)
    else:
        say(f'{entry["written"]} is said as "{entry["spoken"]}" in {entry["language"]}')
