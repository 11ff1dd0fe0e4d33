"""What an operator may tell a run."""

from __future__ import annotations

import pytest

from gdial.dialing.run import RunCommand, change_run
from gdial.dialing.states import RunState
from gdial.errors import Conflict

ALLOWED = {
    ("scheduled", "start"): "running",
    ("scheduled", "stop"): "stopped",
    ("running", "pause"): "paused",
    ("running", "stop"): "stopped",
    ("running", "finish"): "done",
    ("paused", "resume"): "running",
    ("paused", "stop"): "stopped",
    ("paused", "finish"): "done",
}
PRESSED_TWICE = {("paused", "pause"), ("running", "resume"), ("stopped", "stop")}
PAIRS = [(state, command) for state in RunState for command in RunCommand]


@pytest.mark.parametrize(("state", "command"), PAIRS)
def test_every_command_in_every_state(state: RunState, command: RunCommand) -> None:
    if (state, command) in ALLOWED:
        assert change_run(state, command) == ALLOWED[state, command]
    elif (state, command) in PRESSED_TWICE:
        assert change_run(state, command) is state
    else:
        with pytest.raises(Conflict, match=f"^a run that is {state} cannot be told to {command}: "):
            change_run(state, command)


@pytest.mark.parametrize(
    ("state", "command", "text"),
    [
        ("done", "resume", "a run that is done cannot be told to resume: it has ended"),
        ("stopped", "pause", "a run that is stopped cannot be told to pause: it has ended"),
        ("scheduled", "pause", "a run that is scheduled cannot be told to pause: it can be told to start, stop"),
        ("running", "start", "a run that is running cannot be told to start: it can be told to pause, stop"),
        ("paused", "start", "a run that is paused cannot be told to start: it can be told to resume, stop"),
    ],
)
def test_a_conflict_says_what_can_be_done_instead(state: str, command: str, text: str) -> None:
    with pytest.raises(Conflict) as caught:
        change_run(RunState(state), RunCommand(command))
    assert str(caught.value) == text
