"""What an operator may do to a run, and when."""

from __future__ import annotations

from enum import StrEnum

from gdial.dialing.states import RunState
from gdial.errors import Conflict, Worded


class RunCommand(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    FINISH = "finish"


CHANGES = {
    (RunState.SCHEDULED, RunCommand.START): RunState.RUNNING,
    (RunState.SCHEDULED, RunCommand.STOP): RunState.STOPPED,
    (RunState.RUNNING, RunCommand.PAUSE): RunState.PAUSED,
    (RunState.RUNNING, RunCommand.STOP): RunState.STOPPED,
    (RunState.RUNNING, RunCommand.FINISH): RunState.DONE,
    (RunState.PAUSED, RunCommand.RESUME): RunState.RUNNING,
    (RunState.PAUSED, RunCommand.STOP): RunState.STOPPED,
    (RunState.PAUSED, RunCommand.FINISH): RunState.DONE,
}
REPEATS = {
    RunCommand.PAUSE: RunState.PAUSED,
    RunCommand.RESUME: RunState.RUNNING,
    RunCommand.STOP: RunState.STOPPED,
}
"""The same button pressed twice: where the run is already, nothing is wrong."""


def change_run(state: RunState, command: RunCommand) -> RunState:
    """The state after the command. Raises Conflict when a run in this state takes no such command."""
    if REPEATS.get(command) is state:
        return state
    try:
        return CHANGES[state, command]
    except KeyError:
        raise Conflict(
            Worded(
                "a run that is {state} cannot be told to {command}: {hint}",
                state=state,
                command=command,
                hint=_what_it_takes(state),
            )
        ) from None


def _what_it_takes(state: RunState) -> Worded:
    allowed = sorted(c for s, c in CHANGES if s is state and c is not RunCommand.FINISH)
    if not allowed:
        return Worded("it has ended")
    return Worded("it can be told to {commands}", commands=Worded.listed(allowed, ", "))
