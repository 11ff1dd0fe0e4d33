"""A person's history in plain words: one sentence for each thing that can happen."""

from __future__ import annotations

from collections.abc import Mapping

from gdial.actions.report_words import explain
from gdial.actions.tell_history import Happening, Next, What
from gdial.dialing.call_now import Hindrance
from gdial.web.dashboard.languages import N_, translated
from gdial.web.dashboard.run_words import Word

SENTENCES: Mapping[What, Word] = {
    What.BEGAN: Word(N_("Rings %(number)s"), "busy"),
    What.RINGING: Word(N_("The phone rings"), "busy"),
    What.LIFTED: Word(N_("Picked up"), "busy"),
    What.MACHINE_LIFTED: Word(N_("An answering machine picked up")),
    What.PRESSED: Word(N_("Pressed %(key)s: %(label)s"), "good"),
    What.PRESSED_UNKNOWN: Word(N_("Pressed %(key)s, which means nothing here")),
    What.PRESSED_NOTHING: Word(N_("Pressed no key while asked to")),
    What.ENDED: Word(N_("The call is over")),
    What.NO_KEY: Word(N_("The call is over, no valid key was pressed")),
    What.BUSY: Word(N_("Busy")),
    What.NO_ANSWER: Word(N_("Nobody picked up")),
    What.FAILED: Word(N_("The call could not be put through"), "bad"),
    What.CANCELED: Word(N_("The call was ended before anybody picked up")),
    What.NUMBER_REFUSED: Word(N_("The number cannot be rung"), "bad"),
    What.PUT_OFF: Word(N_("The carrier had no room for the call")),
    What.REFUSED: Word(N_("The carrier refused the call"), "bad"),
    What.UNCLEAR: Word(N_("Nobody knows yet whether the call went out; the carrier is asked"), "held"),
    What.NEVER_RANG: Word(N_("The call never reached the telephone network")),
    What.RANG_US: Word(N_("Rang us back and heard the message")),
    What.RANG_US_AND_PRESSED: Word(N_("Rang us back and pressed %(key)s: %(label)s"), "good"),
    What.NOTED: Word(N_("Note by %(author)s: %(text)s")),
    What.WAITS: Word(N_("Waits for the first call, due %(next)s")),
    What.REACHED: Word(N_("Reached: %(reason)s"), "good"),
    What.NOT_REACHED: Word(N_("Not reached: %(reason)s"), "bad"),
    What.STOPPED: Word(N_("Stopped before they were reached"), "bad"),
}

AFTERWARDS: Mapping[Next, str] = {
    Next.NOTHING: "",
    Next.NEXT_NUMBER: N_("rings the next number %(next)s"),
    Next.SAME_NUMBER: N_("rings the same number again %(next)s"),
    Next.NEXT_ROUND: N_("rings the first number again %(next)s"),
}

HINDRANCES: Mapping[Hindrance, str] = {
    Hindrance.RUN_IS_NOT_RUNNING: N_("Cannot be rung now: the run is not going on."),
    Hindrance.IS_BEING_RUNG: N_("Is being rung right now."),
    Hindrance.HAS_ENDED: N_("It has ended for this person; ring them from the manual list or by hand."),
}


def sentence(language: str, happening: Happening, time: str) -> Word:
    """`time` is that of what comes next, as the page writes it."""
    word = SENTENCES[happening.what]
    facts = {
        "number": happening.number or translated(language, N_("(cleared)")),
        "key": happening.key,
        "label": happening.label,
        "text": happening.text,
        "author": happening.author,
        "next": time,
        "reason": explain("", happening.text, "sv" if language == "sv" else "en").lower() if happening.text else "",
    }
    said = translated(language, word.words, **facts)
    if happening.next is not Next.NOTHING:
        said = f"{said}, {translated(language, AFTERWARDS[happening.next], **facts)}"
    return Word(said, word.sign)
