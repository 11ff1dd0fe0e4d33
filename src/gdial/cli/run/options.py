"""The options of `gdial run start`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from gdial.cli.run.wish import KEY_EXAMPLE, TIME_EXAMPLE
from gdial.dialing.policy import Policy
from gdial.dialing.presets import PresetName

USUAL = Policy()


def _several(name: str, help_text: str) -> Any:
    return typer.Option(metavar=name, help=f"{help_text}; repeat it.")


def _policy(name: str, help_text: str) -> Any:
    return typer.Option(metavar=name, help=help_text, rich_help_panel="Policy")


Groups = Annotated[list[str] | None, _several("NAME", "Ring a group")]
Contacts = Annotated[list[str] | None, _several("ID", "Ring a contact, by id or name")]
ExcludedGroups = Annotated[list[str] | None, _several("NAME", "Leave out who is in this group")]
PastedList = Annotated[
    typer.FileText | None,
    typer.Option(
        "--list",
        metavar="FILE",
        encoding="utf-8",
        help="Ring who stands there, one person a line; - is the input.",
    ),
]
LeaveOutBadLines = Annotated[
    bool, typer.Option("--leave-out-bad-lines", help="Go on without lines of --list that cannot be used.")
]
NotReachedIn = Annotated[
    str | None, typer.Option("--not-reached-in", metavar="RUN", help="Ring those whom this run did not reach.")
]
Preset = Annotated[
    PresetName | None,
    typer.Option(metavar="alarm|normal|drill", help="A way to ring, which other options change. Unset: normal."),
]
Message = Annotated[str | None, typer.Option(metavar="NAME", help="A saved message, by name or id.")]
Text = Annotated[str | None, typer.Option(metavar="TEXT", help="A text for this occasion instead.")]
Language = Annotated[str | None, typer.Option(metavar="CODE", help="Language of --text, such as sv.")]
Keys = Annotated[list[str] | None, _several("KEY=LABEL:REPLY", f'A key of --text, such as "{KEY_EXAMPLE}"')]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="Name of the run. Unset: what is said and when.")]
First = Annotated[int | None, typer.Option(metavar="N", min=1, help="Ring only the first so many people.")]
Priority = Annotated[int | None, typer.Option(metavar="1-10", min=1, max=10, help="8 to 10 is urgent. Unset: 1.")]
Drill = Annotated[
    bool | None, typer.Option("--drill/--real", help="A drill rings nobody, on a simulated network. Unset: real.")
]
At = Annotated[str | None, typer.Option(metavar="TIME", help=f"Start then: {TIME_EXAMPLE}.")]
Rounds = Annotated[int | None, _policy("N", f"How often to go through a person's numbers. Unset: {USUAL.rounds}.")]
RingTimeout = Annotated[int | None, _policy("SECONDS", "How long a phone rings. Unset: CALL_TIMEOUT_SEC.")]
WaitBetweenNumbers = Annotated[
    int | None, _policy("SECONDS", f"Before the next number. Unset: {USUAL.wait_between_numbers_seconds}.")
]
WaitBetweenRounds = Annotated[
    int | None, _policy("SECONDS", f"Before the first number again. Unset: {USUAL.wait_between_rounds_seconds}.")
]
ReachedWhen = Annotated[
    Literal["key", "answered"] | None, _policy("key|answered", f"What counts as reached. Unset: {USUAL.reached_when}.")
]
Deadline = Annotated[int | None, _policy("MINUTES", f"Ring nobody after this. Unset: {USUAL.deadline_minutes}.")]
Follow = Annotated[
    bool | None,
    typer.Option("--follow/--no-follow", help="Watch until it is over. Unset: yes, but not with --at or --json."),
]
