"""The commands as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from gdial.cli.exit_codes import MEANINGS
from gdial.cli.main import app

PAGE_HEAD = """# Commands

`gdial` is the command line of GDial; `python -m gdial` is the same. Results go to standard output, everything about
them to standard error. `-h` tells the options of every command.

`serve`, `sim`, `demo`, `db`, `backup`, `restore`, `doctor` and `settings` without a command work by themselves. The
others speak to a running GDial over its REST interface: at API_HOST and API_PORT of the folder they are typed in, or at
`--url`, with the token of API_TOKEN or the one in DATA_DIR. Type them where `gdial serve` was typed, or give them the
same settings.

`gdial demo` reads no setting. Each demo has a folder of its own in `gdial-data/demo`, named by the time it began; the
last three are kept, and any that still serves.

Whatever has a name is found by it, in any case, by its id, or by the first four or more characters of the id. What
removes something asks before; say `--yes` where nobody can answer.

`gdial --install-completion` has the shell complete commands and options (bash, zsh, fish, PowerShell);
`gdial --show-completion` prints what it would install.

This page is made by `make docs`.
"""


def cli_page() -> str:
    """The Markdown of `docs/reference/cli.md`."""
    lines = [PAGE_HEAD, "## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in MEANINGS.items()]
    root = typer.main.get_command(app)
    for path, command in _commands(root, "gdial"):
        lines += ["", *_section(path, command)]
    return "\n".join(lines) + "\n"


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, in the order of the help."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    if command.invoke_without_command:
        yield path, command
    for name in command.list_commands(typer.Context(command)):
        yield from _commands(command.commands[name], f"{path} {name}")


def _section(path: str, command: Any) -> list[str]:
    parameters = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [parameter for parameter in parameters if parameter.param_type_name == "argument"]
    options = [parameter for parameter in parameters if parameter.param_type_name == "option"]
    usage = " ".join([path, *(_argument(argument) for argument in arguments)])
    lines = [f"## `{usage}`", "", " ".join(command.help.split())]
    if options or arguments:
        lines += ["", "| option | default | meaning |", "|---|---|---|"]
        lines += [_row(_argument(it), "", it.help or "") for it in arguments]
        lines += [_row(_spelling(it), _default(it), _meaning(it)) for it in options]
    return lines


def _row(*cells: str) -> str:
    name, default, meaning = (cell.replace("|", "\\|") for cell in cells)
    return f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |"


def _argument(argument: Any) -> str:
    name = argument.metavar or str(argument.name).upper()
    return name if argument.required else f"[{name}]"


def _spelling(option: Any) -> str:
    names = "/".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.metavar or option.display_type.strip('<>')}"


def _default(option: Any) -> str:
    if option.default is None or option.default is False:
        return ""
    if option.is_flag:
        return str(option.opts[0])
    return str(option.default)


def _meaning(option: Any) -> str:
    variable = f" Also the environment variable `{option.envvar}`." if option.envvar else ""
    return f"{option.help}{variable}"
