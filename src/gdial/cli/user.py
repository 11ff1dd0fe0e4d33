"""`gdial user`: who may log in, and what each may do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, show_page
from gdial.cli.names import find_user
from gdial.cli.run.wish import drop_unset
from gdial.cli.screen import confirm, print_json, say
from gdial.cli.target import JsonOption, UrlOption
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="user", help="People who log in, and what each may do.", no_args_is_help=True)

RoleName = Literal["viewer", "operator", "administrator"]
UserArgument = Annotated[
    str, typer.Argument(metavar="USER", help="Name, id, or its first characters.", show_default=False)
]
RoleArgument = Annotated[
    RoleName, typer.Argument(metavar="viewer|operator|administrator", help="What the user may do.", show_default=False)
]


@app.command("list")
def list_users(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List users by name."""
    page = ask(url, lambda api: api.get("/api/users", limit=limit))
    show_page(page, ("Name", "Role", "Last log-in", "Id"), _row, as_json=as_json)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What they log in with.", show_default=False)],
    role: Annotated[
        RoleName, typer.Option("--role", metavar="viewer|operator|administrator", help="What the user may do.")
    ] = "operator",
    language: Annotated[
        Literal["sv", "en"] | None,
        typer.Option("--language", metavar="sv|en", help="Of the pages; else the browser's."),
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Add a user. The password is asked for, or read from standard input."""
    body = drop_unset(name=name, role=role, language=language, password=_read_password())
    created = ask(url, lambda api: api.post("/api/users", body))
    print_json(created) if as_json else say(f"Added {created['name']}, {created['role']}")


@app.command("role")
def role(user: UserArgument, role: RoleArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Change what a user may do, from the next request on."""

    async def work(api: Api) -> Item:
        found = await find_user(api, user)
        return dict(await api.patch(f"/api/users/{found['id']}", {"role": role}))

    changed = ask(url, work)
    print_json(changed) if as_json else say(f"{changed['name']} is {changed['role']}")


@app.command("password")
def password(user: UserArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Give a user a new password, which is asked for, or read from standard input. Ends all sessions of the user."""

    async def work(api: Api) -> Item:
        found = await find_user(api, user)
        return dict(await api.put(f"/api/users/{found['id']}/password", {"password": _read_password()}))

    changed = ask(url, work)
    print_json(changed) if as_json else say(f"{changed['name']} has a new password")


@app.command("remove")
def remove(user: UserArgument, yes: YesOption = False, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Remove a user with all sessions and tokens."""

    async def work(api: Api) -> Item:
        found = await find_user(api, user)
        confirm(f"Remove the user {found['name']} ({found['id']})?", yes=yes)
        await api.delete(f"/api/users/{found['id']}")
        return found

    removed = ask(url, work)
    print_json(removed) if as_json else say(f"Removed {removed['name']}")


def _read_password() -> str:
    """Never an argument: those are seen by everybody on the machine."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise InvalidInput(
            "there is none on standard input", where="password", example="gdial user add 'Vera Vakt' < password.txt"
        )
    return line


def _row(user: Item) -> Sequence[object]:
    return user["name"], user["role"], user["last_login_at"], user["id"]
