"""`gdial settings list`, `get`, `set`, `reset` and `changes`: what is changed while GDial runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gdial.cli.asking import Item, LimitOption, ask, show_page
from gdial.cli.screen import note, print_json, say
from gdial.cli.settings import settings
from gdial.cli.target import JsonOption, UrlOption

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="settings")
app.callback(invoke_without_command=True)(settings)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Such as rounds.", show_default=False)]
ValueArgument = Annotated[
    str, typer.Argument(metavar="VALUE", help="A number, a text, or true or false.", show_default=False)
]
YES_OR_NO = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@app.command("list")
def list_settings(as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List the system settings: those that are changed while GDial runs."""
    page = ask(url, lambda api: api.get("/api/settings", limit=500))
    show_page(page, ("Setting", "In force", "Default", "Unit", "Meaning"), _row, as_json=as_json)


@app.command("get")
def get(name: NameArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Tell the value of a system setting."""
    found = ask(url, lambda api: api.get(_path(name)))
    if as_json:
        print_json(found)
        return
    say(_shown(found["value"]))
    unit = f", in {found['unit']}" if found["unit"] else ""
    note(f"{found['help']} Default: {_shown(found['default'])}. Allowed: {found['bounds']['allowed']}{unit}.")


@app.command("set")
def set_value(name: NameArgument, value: ValueArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Change a system setting, from the next call-out on. Runs that are made already keep their policy."""

    async def work(api: Api) -> Item:
        before = await api.get(_path(name))
        return dict(await api.put(_path(name), {"value": _typed(value, before["default"])}))

    _tell(ask(url, work), as_json=as_json)


@app.command("reset")
def reset(name: NameArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Give a system setting its default again."""
    _tell(ask(url, lambda api: api.delete(_path(name))), as_json=as_json)


@app.command("changes")
def changes(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Unset: of all.", show_default=False)] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List who changed which system setting, newest first."""

    async def work(api: Api) -> Item:
        if name is not None:
            await api.get(_path(name))
        return dict(await api.get("/api/settings/changes", name=name, limit=limit))

    headings = ("When", "Setting", "From", "To", "By")
    show_page(ask(url, work), headings, _change_row, as_json=as_json)


def _path(name: str) -> str:
    from urllib.parse import quote

    return f"/api/settings/{quote(name.strip().lower() or ' ', safe='')}"


def _typed(text: str, default: Any) -> Any:
    """The value in the kind the setting is of; what does not fit is sent as it is, and GDial tells what would."""
    wanted = text.strip()
    if isinstance(default, bool):
        return YES_OR_NO.get(wanted.lower(), text)
    if isinstance(default, int):
        return int(wanted) if wanted.lstrip("-").isdecimal() else text
    return text


def _row(setting: Item) -> tuple[object, ...]:
    default = _shown(setting["default"]) if setting["changed"] else ""
    return setting["name"], _shown(setting["value"]), default, setting["unit"], setting["help"]


def _change_row(change: Item) -> tuple[object, ...]:
    old, new = (_shown(change[side]) if change[side] is not None else "default" for side in ("old_value", "new_value"))
    return change["changed_at"], change["name"], old, new, change["changed_by"]


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tell(setting: Item, *, as_json: bool) -> None:
    default = "changed" if setting["changed"] else "the default"
    print_json(setting) if as_json else say(f"{setting['name']} is {_shown(setting['value'])}, {default}")
