"""Why it ended as it did for a person, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gdial.dialing.states import Reason, RecipientState

ReportLanguage = Literal["sv", "en"]

_WORDS: Mapping[str, tuple[str, str]] = {
    RecipientState.WAITING: ("Väntar på att bli uppringd", "Waits to be rung"),
    RecipientState.CALLING: ("Rings upp just nu", "Is being rung now"),
    Reason.KEY: ("Svarade med en knapp", "Answered with a key"),
    Reason.ANSWERED: ("Lyfte på luren", "Picked up"),
    Reason.RANG_BACK: ("Ringde tillbaka och svarade", "Rang back and answered"),
    Reason.NO_KEY: ("Någon lyfte men tryckte inte på någon giltig knapp", "Picked up, but pressed no valid key"),
    Reason.BUSY: ("Upptaget", "Busy"),
    Reason.NO_ANSWER: ("Ingen lyfte", "Nobody picked up"),
    Reason.FAILED: ("Samtalet kunde inte kopplas", "The call could not be put through"),
    Reason.CANCELED: ("Samtalet avbröts innan någon lyfte", "The call was ended before anybody picked up"),
    Reason.BAD_NUMBER: ("Numret går inte att ringa", "The number cannot be rung"),
    Reason.NO_NUMBER: ("Det fanns inget nummer kvar att ringa", "No number was left to ring"),
    Reason.DEADLINE: ("Tiden för utringningen tog slut", "The time of the call-out was over"),
    Reason.STOPPED: ("Utringningen stoppades", "The call-out was stopped"),
    Reason.CARRIER_REFUSED: ("Operatören nekade samtalet", "The carrier refused the call"),
    Reason.RUNG_ENOUGH: (
        "Numret hade redan ringts så många gånger på en timme som tillåts, och tiden för utringningen tog slut",
        "The number had been rung as often within an hour as is allowed, and the time of the call-out was over",
    ),
    Reason.NEVER_RANG: ("Samtalet nådde aldrig telefonnätet", "The call never reached the telephone network"),
    Reason.INTERNAL: ("Ett fel i GDial: ring personen för hand", "A fault in GDial: ring this person by hand"),
}


def explain(state: str, reason: str | None, language: ReportLanguage) -> str:
    """A reason that is not known here is told as it is."""
    told = _WORDS.get(reason or state)
    return (reason or state) if told is None else told[0 if language == "sv" else 1]
