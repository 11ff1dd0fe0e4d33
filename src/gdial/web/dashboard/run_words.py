"""What the states of runs and people are called on the pages, and the sign they bear beside the word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gdial.dialing.states import RunState
from gdial.web.dashboard.languages import N_


@dataclass(frozen=True, slots=True)
class Word:
    """`sign` is a class of board.css: "", "good", "bad", "busy" or "held"."""

    words: str
    sign: str = ""


RUN_STATES: Mapping[RunState, Word] = {
    RunState.SCHEDULED: Word(N_("Scheduled")),
    RunState.RUNNING: Word(N_("Calling"), "busy"),
    RunState.PAUSED: Word(N_("Paused"), "held"),
    RunState.DONE: Word(N_("Done"), "good"),
    RunState.STOPPED: Word(N_("Stopped"), "bad"),
}
