"""`gdial token`: API tokens with a role and an end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, show_page
from gdial.cli.names import find_token, find_user
from gdial.cli.screen import confirm, note, print_json, say
from gdial.cli.target import JsonOption, UrlOption
from gdial.cli.user import RoleName

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="token", help="API tokens of programs and people.", no_args_is_help=True)

LONGEST_DAYS = 3650


@app.command("list")
def list_tokens(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List tokens, newest first. What they are is not shown again."""
    page = ask(url, lambda api: api.get("/api/tokens", limit=limit))
    show_page(page, ("Name", "Role", "For", "Until", "Last used", "Id"), _row, as_json=as_json)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What uses it.", show_default=False)],
    role: Annotated[
        RoleName, typer.Option("--role", metavar="viewer|operator|administrator", help="What it may do.")
    ] = "operator",
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=0, max=LONGEST_DAYS, help="Good for so long; 0: until removed.")
    ] = 365,
    user: Annotated[
        str | None, typer.Option("--user", metavar="USER", help="Whose own it is. Unset: a program's.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Make a token. Keep what is shown: it is shown once."""

    async def work(api: Api) -> Any:
        owner = (await find_user(api, user, where="--user"))["id"] if user else None
        return await api.post("/api/tokens", {"name": name, "role": role, "days": days or None, "user_id": owner})

    made = ask(url, work)
    if as_json:
        print_json(made)
        return
    say(made["token"])
    note(f"The token {made['name']}, {made['role']}. It is not shown again.")


@app.command("remove")
def remove(
    token: Annotated[
        str, typer.Argument(metavar="TOKEN", help="Name, id, or its first characters.", show_default=False)
    ],
    yes: YesOption = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Remove a token: nothing comes in with it from now on."""

    async def work(api: Api) -> Item:
        found = await find_token(api, token)
        confirm(f"Remove the token {found['name']} ({found['id']})?", yes=yes)
        await api.delete(f"/api/tokens/{found['id']}")
        return found

    removed = ask(url, work)
    print_json(removed) if as_json else say(f"Removed {removed['name']}")


def _row(token: Item) -> Sequence[object]:
    until = token["expires_at"] or "removed"
    return token["name"], token["role"], token["user_name"] or "a program", until, token["last_used_at"], token["id"]
