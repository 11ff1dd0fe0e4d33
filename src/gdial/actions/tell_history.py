"""What happened to one person in one run, in order: from their calls, the carrier's words, and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from uuid import UUID

from gdial.dialing.call_now import Hindrance, hindrance
from gdial.dialing.ledger import Placing
from gdial.dialing.model import Recipient
from gdial.dialing.states import AttemptState, CallStatus, Outcome, RecipientState
from gdial.errors import NotFound
from gdial.runtime import Records
from gdial.storage import person_history, recipients
from gdial.storage.notes import Note
from gdial.storage.person_history import CallTold, PersonHistory, WordHeard
from gdial.storage.recipients import StoredRecipient


class What(StrEnum):
    """What one line of a history tells."""

    BEGAN = "began"
    RINGING = "ringing"
    LIFTED = "lifted"
    MACHINE_LIFTED = "machine lifted"
    PRESSED = "pressed"
    PRESSED_UNKNOWN = "pressed unknown"
    PRESSED_NOTHING = "pressed nothing"
    ENDED = "ended"
    NO_KEY = "no key"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "failed"
    CANCELED = "canceled"
    NUMBER_REFUSED = "number refused"
    PUT_OFF = "put off"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    NEVER_RANG = "never rang"
    RANG_US = "rang us"
    RANG_US_AND_PRESSED = "rang us and pressed"
    NOTED = "noted"
    WAITS = "waits"
    REACHED = "reached"
    NOT_REACHED = "not reached"
    STOPPED = "stopped"


class Next(StrEnum):
    """What came, or comes, after a call."""

    NOTHING = ""
    NEXT_NUMBER = "next number"
    SAME_NUMBER = "same number"
    NEXT_ROUND = "next round"


@dataclass(frozen=True, slots=True)
class Happening:
    """`number` is the one of the call, `key` and `label` of what was pressed, `text` a note or the carrier's reason,
    `next` and `next_at` what comes after a call that reached nobody."""

    at: datetime
    what: What
    number: str = ""
    key: str = ""
    label: str = ""
    text: str = ""
    author: str = ""
    next: Next = Next.NOTHING
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """`hindrance`: why this person cannot be rung now; None when they can."""

    person: StoredRecipient
    happenings: Sequence[Happening]
    notes: Sequence[Note]
    hindrance: Hindrance | None


async def tell_history(rt: Records, run_id: UUID, recipient_id: UUID) -> History:
    """Oldest first. Raises NotFound, also for a person of another run."""
    async with rt.database.reading() as tx:
        person = await recipients.get(tx, recipient_id)
        if person is None or person.run.id != run_id:
            raise NotFound("recipient of this run", recipient_id)
        stored = await person_history.load(tx, recipient_id)
        ended_at = await recipients.ended_at(tx, recipient_id)
    happenings = sorted(_happenings(person, stored, ended_at), key=lambda happening: happening.at)
    return History(person, happenings, stored.notes, hindrance(person.facts))


def _happenings(person: StoredRecipient, stored: PersonHistory, ended_at: datetime | None) -> Iterator[Happening]:
    words: dict[UUID, list[WordHeard]] = {}
    for word in stored.words:
        words.setdefault(word.call_id, []).append(word)
    for call, after in zip_longest(stored.calls, stored.calls[1:]):
        yield Happening(call.claimed_at, What.BEGAN, number=call.number)
        yield from _heard(person, call, words.get(call.id, []))
        if call.state == AttemptState.CLOSED and call.ended_at is not None:
            yield _result(person.facts, call, after)
        elif call.state == AttemptState.UNKNOWN:
            yield Happening(call.claimed_at, What.UNCLEAR, number=call.number)
    for rang in stored.rang_us:
        key = (rang.digits or "").strip()[-1:]
        what = What.RANG_US_AND_PRESSED if key else What.RANG_US
        yield Happening(rang.received_at, what, key=key, label=_label(person, key))
    for note in stored.notes:
        yield Happening(note.written_at, What.NOTED, text=note.text, author=note.author)
    yield from _standing(person.facts, stored.calls, ended_at)


def _heard(person: StoredRecipient, call: CallTold, words: Sequence[WordHeard]) -> Iterator[Happening]:
    """Its end is told by the call itself, which knows what came after."""
    for word in words:
        if word.kind == "key":
            key = str(word.facts.get("digits") or "")
            yield Happening(word.received_at, _pressed(person, key), call.number, key, _label(person, key))
        elif word.facts.get("status") == CallStatus.RINGING:
            yield Happening(word.received_at, What.RINGING, number=call.number)
        elif word.facts.get("status") == CallStatus.IN_PROGRESS:
            by_machine = str(word.facts.get("answered_by") or "").startswith(("machine", "fax"))
            yield Happening(word.received_at, What.MACHINE_LIFTED if by_machine else What.LIFTED, number=call.number)


def _pressed(person: StoredRecipient, key: str) -> What:
    if not key:
        return What.PRESSED_NOTHING
    return What.PRESSED if key in person.run.responses else What.PRESSED_UNKNOWN


def _label(person: StoredRecipient, key: str) -> str:
    return str(person.run.responses.get(key, {}).get("label") or key)


ENDS = {
    CallStatus.BUSY: What.BUSY,
    CallStatus.NO_ANSWER: What.NO_ANSWER,
    CallStatus.FAILED: What.FAILED,
    CallStatus.CANCELED: What.CANCELED,
}
REFUSALS = {
    Placing.BAD_NUMBER: What.NUMBER_REFUSED,
    Placing.PUT_OFF: What.PUT_OFF,
    Placing.ACCOUNT_REFUSED: What.REFUSED,
    Placing.CALL_REFUSED: What.REFUSED,
    Placing.UNKNOWN: What.NEVER_RANG,
}


def _result(facts: Recipient, call: CallTold, after: CallTold | None) -> Happening:
    if call.status == CallStatus.COMPLETED:
        what = What.ENDED if call.digits else What.NO_KEY
    elif call.status == CallStatus.FAILED and call.placed_as in REFUSALS:
        what = REFUSALS[Placing(call.placed_as)]
    else:
        what = ENDS.get(CallStatus(call.status), What.FAILED) if call.status else What.FAILED
    came_next, next_at = _next(facts, call, after) if what is not What.ENDED else (Next.NOTHING, None)
    ended_at = call.ended_at or call.claimed_at
    return Happening(ended_at, what, number=call.number, text=call.error, next=came_next, next_at=next_at)


def _next(facts: Recipient, call: CallTold, after: CallTold | None) -> tuple[Next, datetime | None]:
    """The call that followed, or the one that is due."""
    if after is not None:
        index, at = after.number_index, after.claimed_at
    elif facts.state is RecipientState.WAITING and facts.due_at is not None:
        index, at = facts.number_index, facts.due_at
    else:
        return Next.NOTHING, None
    if index == call.number_index:
        return Next.SAME_NUMBER, at
    return (Next.NEXT_NUMBER if index > call.number_index else Next.NEXT_ROUND), at


OUTCOMES = {
    Outcome.REACHED: What.REACHED,
    Outcome.NOT_REACHED: What.NOT_REACHED,
    Outcome.STOPPED: What.STOPPED,
}


def _standing(facts: Recipient, calls: Sequence[CallTold], ended_at: datetime | None) -> Iterator[Happening]:
    """How it stands, as the last line: the outcome, or that somebody waits to be rung for the first time."""
    if facts.outcome is not None and ended_at is not None:
        # Nothing that made the outcome may be told after it.
        yield Happening(ended_at, OUTCOMES[facts.outcome], label=facts.answer or "", text=facts.reason or "")
    elif facts.state is RecipientState.WAITING and not calls and facts.due_at is not None:
        yield Happening(facts.due_at, What.WAITS, next_at=facts.due_at)
