"""`gdial`: the commands, and what is said when one fails."""

from __future__ import annotations

import sys
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated

import typer

from gdial.cli import backup, db, import_contacts, lists, serve, settings, sim
from gdial.cli.demo import command as demo
from gdial.cli.doctor import command as doctor
from gdial.cli.exit_codes import FAILED, MEANINGS, exit_code_of
from gdial.cli.run import commands
from gdial.cli.screen import complain
from gdial.errors import GDialError

ABOUT = """GDial phones everyone on a list, speaks a message, collects the keys they press, and loses nobody.

Begin with: gdial demo"""

app = typer.Typer(
    name="gdial",
    help=ABOUT,
    epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + ".",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"gdial {version('gdial')}")
        raise typer.Exit


@app.callback()
def begin(
    show_version: Annotated[
        bool, typer.Option("--version", help="Tell the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    pass


app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("import")(import_contacts.import_contacts)
app.add_typer(commands.app)
app.add_typer(lists.contact_app)
app.add_typer(lists.group_app)
app.add_typer(lists.message_app)
app.command("sim")(sim.sim)
app.add_typer(db.app)
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("settings")(settings.settings)


def run_command() -> int:
    """The exit code. An error that GDial knows is one sentence; one it does not know keeps its traceback."""
    try:
        app()
    except GDialError as error:
        complain(str(error))
        return exit_code_of(error)
    except OSError as error:
        if error.strerror is None:
            raise
        complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
        return FAILED
    return 0


def run() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Where the terminal has no sign for a letter or a line, a question mark is better than no answer.
            stream.reconfigure(errors="replace")
    sys.exit(run_command())
