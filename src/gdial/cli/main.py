"""`gdial`: the commands, and what is said when one fails."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gdial.cli import (
    admin_link,
    backup,
    call,
    contact_doubles,  # noqa: F401 - its commands are in the same group
    contact_trust,
    db,
    export_contacts,
    group,
    import_contacts,
    lexicon,
    message,
    queue,
    recording,
    serve,
    sim,
    speak,
    system_settings,
    token,
    user,
    voices,
    webhook,
    worker,
)
from gdial.cli.demo import command as demo
from gdial.cli.doctor import command as doctor
from gdial.cli.exit_codes import FAILED, MEANINGS, exit_code_of
from gdial.cli.run import commands
from gdial.cli.screen import complain
from gdial.errors import GDialError

ABOUT = """GDial phones everyone on a list, speaks a message, collects the keys they press, and loses nobody.

Begin with: gdial demo"""

PANELS = BEGIN, RING, KNOWN, KEEP = "Begin", "Ring", "Whom, what, and who is told", "Keep it well"


class ByPanel(TyperGroup):
    """Typer tells groups of commands last; here the panels say the order."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=lambda name: _place(self.commands[name]))


def _place(command: Any) -> int:
    panel = command.rich_help_panel
    return PANELS.index(panel) if panel in PANELS else len(PANELS)


app = typer.Typer(
    cls=ByPanel,
    name="gdial",
    help=ABOUT,
    epilog="Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + ".",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"gdial {version('gdial')}")
        raise typer.Exit


@app.callback()
def begin(
    show_version: Annotated[
        bool, typer.Option("--version", help="Tell the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    pass


app.command("demo", rich_help_panel=BEGIN)(demo.demo)
app.command("serve", rich_help_panel=BEGIN)(serve.serve)
app.command("import", rich_help_panel=BEGIN, short_help="Take in a contact list.")(import_contacts.import_contacts)
app.add_typer(commands.app, rich_help_panel=RING)
app.command("call", rich_help_panel=RING, short_help="Ring one contact now.")(call.call)
app.add_typer(contact_trust.app, rich_help_panel=KNOWN)
app.command("export", rich_help_panel=KNOWN, short_help="Save contacts in a file that an import reads back.")(
    export_contacts.export_contacts
)
app.add_typer(group.app, rich_help_panel=KNOWN)
app.add_typer(message.app, rich_help_panel=KNOWN)
app.add_typer(recording.app, rich_help_panel=KNOWN)
app.add_typer(lexicon.app, rich_help_panel=KNOWN)
app.add_typer(webhook.app, rich_help_panel=KNOWN)
app.command("speak", rich_help_panel=KNOWN, short_help="Speak a text into a sound file.")(speak.speak)
app.command("voices", rich_help_panel=KNOWN, short_help="List engines, languages and voices.")(voices.voices)
app.add_typer(
    system_settings.app, rich_help_panel=KEEP, short_help="Show what is set here, and change system settings."
)
app.command("admin-link", rich_help_panel=KEEP, short_help="Print a link for the first administrator.")(
    admin_link.admin_link
)
app.add_typer(user.app, rich_help_panel=KEEP)
app.add_typer(token.app, rich_help_panel=KEEP)
app.command("doctor", rich_help_panel=KEEP, short_help="Look at every part and say how to mend it.")(doctor.doctor)
app.command("backup", rich_help_panel=KEEP, short_help="Save the whole database in one file.")(backup.backup)
app.command("restore", rich_help_panel=KEEP, short_help="Put a backup into the database.")(backup.restore)
app.add_typer(db.app, rich_help_panel=KEEP)
app.add_typer(worker.app, rich_help_panel=KEEP)
app.add_typer(queue.app, rich_help_panel=KEEP)
app.command("sim", rich_help_panel=KEEP, short_help="Run a simulated telephone network.")(sim.sim)


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
