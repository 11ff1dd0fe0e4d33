"""`gdial doctor`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.exit_codes import FAILED
from gdial.cli.screen import print_json, say, warn
from gdial.cli.target import UrlOption, find_target
from gdial.errors import Conflict, InvalidSetting, InvalidSettings

if TYPE_CHECKING:
    from gdial.cli.doctor.finding import Finding
    from gdial.settings import Settings

MARKS = {"ok": "ok  ", "not set up": "  - ", "fault": "BAD "}


def doctor(
    call: Annotated[
        str | None, typer.Option("--call", metavar="NUMBER", help="Make one test call to this number instead.")
    ] = None,
    drill: Annotated[bool, typer.Option("--drill", help="Make it on the simulated network.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a real call.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    url: UrlOption = None,
) -> None:
    """Look at every part and say how to mend it: settings, folders, database, voices, carrier, public address, clock.
    Without --call it changes nothing and rings nobody. Exit code 0: nothing is wrong; 1: something is."""
    from gdial.monitoring.logs import configure_logs
    from gdial.settings import get_settings, setting_warnings

    if call is not None:
        _call(call, url, drill=drill, yes=yes)
        return

    try:
        settings = get_settings()
    except InvalidSetting as error:
        _end(_bad_settings(error, as_json), as_json)
        return
    # To standard error: what is found is told on standard output.
    configure_logs("warning", settings.log_format)
    for text in setting_warnings():
        warn(text)
    _end(asyncio.run(_examine(settings, as_json)), as_json)


def _call(number: str, url: str | None, *, drill: bool, yes: bool) -> None:
    from gdial.cli.doctor.trial_call import make_trial_call

    target = find_target(url)
    if not drill and not yes:
        if not sys.stdin.isatty():
            raise Conflict("--call asks before it rings a real phone; say --yes where nobody can answer")
        typer.confirm(f"Ring {number} now, for real?", abort=True, err=True)
    if not asyncio.run(make_trial_call(target, number, mode="drill" if drill else "real", tell=say)):
        raise typer.Exit(FAILED)


def _bad_settings(error: InvalidSetting, as_json: bool) -> list[Finding]:
    from gdial.cli.doctor.finding import fault

    problems = error.problems if isinstance(error, InvalidSettings) else (error,)
    found = [
        fault(f"setting {problem.where}", problem.reason, f"for example {problem.example}" if problem.example else "")
        for problem in problems
    ]
    for finding in found if not as_json else ():
        _show(finding)
    return found


async def _examine(settings: Settings, as_json: bool) -> list[Finding]:
    from gdial.cli.doctor.examination import examine
    from gdial.cli.doctor.finding import fine

    found = [fine("settings", "every one can be used")]
    if not as_json:
        _show(found[0])
    async for finding in examine(settings):
        found.append(finding)
        if not as_json:
            _show(finding)
    return found


def _show(finding: Finding) -> None:
    say(f"{MARKS[finding.verdict]}{finding.part}: {finding.detail}")
    if finding.mend:
        say(f"      → {finding.mend}")


def _end(found: list[Finding], as_json: bool) -> None:
    faults = [finding for finding in found if finding.verdict == "fault"]
    if as_json:
        names = ("part", "verdict", "detail", "mend")
        print_json([{name: getattr(finding, name) for name in names} for finding in found])
    elif faults:
        say(f"\n{len(faults)} to mend: {', '.join(finding.part for finding in faults)}.")
    else:
        say("\nNothing is wrong.")
    if faults:
        raise typer.Exit(FAILED)
