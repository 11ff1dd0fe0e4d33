"""What the states of runs and people are called on the pages, and the sign they bear beside the word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gdial.actions.report_words import explain
from gdial.dialing.states import Outcome, RecipientState, RunState
from gdial.storage.run_lists import RecipientFilter
from gdial.storage.runs import Run
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

PAUSED_BY_OPERATOR = N_("paused by the operator")
"""As the action writes it; what a carrier says is shown as it is."""

SIGNS: Mapping[str, str] = {
    RecipientState.CALLING: "busy",
    Outcome.REACHED: "good",
    Outcome.NOT_REACHED: "bad",
    Outcome.STOPPED: "bad",
}

SHOWN: Mapping[str, tuple[str, RecipientFilter]] = {
    "waiting": (N_("Waiting"), RecipientFilter(state=RecipientState.WAITING)),
    "calling": (N_("Being rung"), RecipientFilter(state=RecipientState.CALLING)),
    "reached": (N_("Reached"), RecipientFilter(outcome=Outcome.REACHED)),
    "not_reached": (N_("Not reached"), RecipientFilter(outcome=Outcome.NOT_REACHED)),
    "stopped": (N_("Stopped before they were reached"), RecipientFilter(outcome=Outcome.STOPPED)),
}
"""What the list of people can be narrowed to, beside each answer."""
ANSWER = "answer-"


def filter_of(shown: str, search: str) -> RecipientFilter:
    """One that is not known shows everybody."""
    wanted = search.strip() or None
    if shown.startswith(ANSWER):
        return RecipientFilter(search=wanted, answer=shown.removeprefix(ANSWER)[:10])
    known = SHOWN.get(shown, ("", RecipientFilter()))[1]
    return RecipientFilter(search=wanted, state=known.state, outcome=known.outcome)


def person_state(state: str, outcome: str | None, reason: str | None, language: str) -> Word:
    """In words that are translated already."""
    return Word(explain(state, reason, "sv" if language == "sv" else "en"), SIGNS.get(outcome or state, ""))


def choices(run: Run) -> list[tuple[str, str]]:
    """Each answer of the run as a choice of the list."""
    return [(f"{ANSWER}{key}", str(response.get("label") or key)) for key, response in run.responses.items()]
