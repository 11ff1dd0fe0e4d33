"""What the parts of the system are called on the pages, and what it means for the calls when one is down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gdial.actions.watch_system import PartState, SystemPart
from gdial.web.dashboard.languages import N_
from gdial.web.dashboard.run_words import Word


@dataclass(frozen=True, slots=True)
class PartWords:
    """`down` and `half` say what it means for the calls; `missing`, what is not possible without it."""

    name: str
    down: str
    half: str = ""
    missing: str = ""

    def meaning(self, state: PartState) -> str:
        """What it means for the calls that this part is so; "" while it works."""
        told = {PartState.DOWN: self.down, PartState.HALF: self.half or self.down, PartState.NOT_SET_UP: self.missing}
        return told.get(state, "")


STATES: Mapping[PartState, Word] = {
    PartState.WORKS: Word(N_("works"), "good"),
    PartState.HALF: Word(N_("works in part"), "busy"),
    PartState.DOWN: Word(N_("down"), "bad"),
    PartState.NOT_SET_UP: Word(N_("not set up")),
}

OTHERS_DO_IT = N_("Calls go on: one has fallen silent, and the others do its work.")

PARTS: Mapping[SystemPart, PartWords] = {
    SystemPart.DATABASE: PartWords(
        N_("Database"),
        N_(
            "Nobody new is rung until it answers. Who is on the line is kept there, and the keys they press are kept. "
            "Nobody is lost, and it goes on by itself."
        ),
    ),
    SystemPart.CARRIER: PartWords(
        N_("Carrier"),
        N_("Nobody is rung until it answers. Everybody waits, nobody is lost, and it goes on by itself."),
        N_("Some processes get no answer from it and wait; the others ring."),
        N_("No real phone can be rung, only drills."),
    ),
    SystemPart.DRILL_NETWORK: PartWords(
        N_("Drill network"),
        N_("Drills wait. Real calls are not touched by it."),
        N_("Some drills wait. Real calls are not touched by it."),
        N_("No drill can be started."),
    ),
    SystemPart.CALL_WORKERS: PartWords(
        N_("Call workers"),
        N_("Nobody is rung until one runs; start it: gdial worker call. Everybody waits, and nobody is lost."),
        OTHERS_DO_IT,
    ),
    SystemPart.SCHEDULER: PartWords(
        N_("Scheduler"),
        N_("Nobody new is rung until one runs; start it: gdial worker scheduler. Nobody is lost."),
        OTHERS_DO_IT,
    ),
    SystemPart.BROKER: PartWords(
        N_("Broker"),
        N_("This process rings by itself until the broker is back. Calls go on."),
    ),
    SystemPart.SPEECH: PartWords(
        N_("Speech"),
        N_("Calls go on: the carrier's own voice reads what is not spoken yet, after two seconds at most."),
        N_("Calls go on: another voice or process speaks; what is late is read by the carrier's own voice."),
    ),
    SystemPart.SPEECH_WORKERS: PartWords(
        N_("Speech workers"),
        N_(
            "Calls go on: what is missing is spoken when a call needs it, or read by the carrier's own voice. "
            "Start one: gdial worker tts."
        ),
        OTHERS_DO_IT,
    ),
    SystemPart.DISK: PartWords(
        N_("Disk"),
        N_("Nothing can be written, and nobody new is rung, until there is room on the disk. It goes on by itself."),
        N_("Calls go on for now. Make room on the disk before it is full."),
    ),
}
