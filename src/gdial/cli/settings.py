"""`gdial settings`: what is in force here; the commands below it are those of the system settings."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gdial.cli.screen import print_json, say, table, warn
from gdial.errors import InvalidInput


def settings(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    env_example: Annotated[
        bool, typer.Option("--env-example", help="Print a .env with every setting, to begin with.")
    ] = False,
) -> None:
    """Show the settings in force in this folder and environment, without secrets. With a command: the system settings,
    which are changed while GDial runs."""
    if context.invoked_subcommand is not None:
        if as_json or env_example:
            raise InvalidInput("goes behind the command", where="--json", example="gdial settings list --json")
        return
    from gdial.settings import env_example as write_env_example
    from gdial.settings import setting_warnings

    if env_example:
        print(write_env_example(), end="")
        return
    rows = _rows()
    for text in setting_warnings():
        warn(text)
    if as_json:
        print_json(rows)
        return
    shown = [(row["name"], row["value"], row["default"], row["meaning"]) for row in rows]
    say(table(("Setting", "In force", "Default", "Meaning"), shown))


def _rows() -> list[dict[str, Any]]:
    from gdial.settings import describe_settings, get_settings

    current = get_settings()
    return [
        {
            "name": row.name,
            "value": _shown(getattr(current, row.name.lower()), secret=row.secret),
            "default": row.default,
            "unit": row.unit,
            "meaning": row.meaning,
        }
        for row in describe_settings()
    ]


def _shown(value: Any, *, secret: bool) -> str:
    from gdial.settings.checks import without_password

    if value is None:
        return "unset"
    if secret:
        return "set, not shown"
    if isinstance(value, tuple):
        return ",".join(value) or "none"
    return without_password(str(value))
