"""What a command tells the shell."""

from __future__ import annotations

from gdial.errors import InvalidInput

OK = 0
FAILED = 1
BAD_INPUT = 2
NOT_RUNNING = 3
INTERRUPTED = 130

MEANINGS = {
    OK: "done",
    FAILED: "failed, or refused in the state things are in",
    BAD_INPUT: "wrong usage, bad input, or a bad setting",
    NOT_RUNNING: "GDial is not running, or cannot be reached",
    INTERRUPTED: "interrupted with Ctrl-C",
}


def exit_code_of(error: Exception) -> int:
    """The code of an error; one that carries its own (`exit_code`) knows best."""
    own = getattr(error, "exit_code", None)
    if isinstance(own, int):
        return own
    return BAD_INPUT if isinstance(error, InvalidInput) else FAILED
