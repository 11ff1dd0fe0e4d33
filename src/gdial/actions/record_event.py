"""Take in what a carrier says of a call: stored first, decided on second, answered after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog

from gdial.actions.deciding import Decided, decide_and_save, let_out
from gdial.carriers.base import CarrierCall, Refusal, StatusWord
from gdial.dialing import events
from gdial.dialing.events import AttemptEvent
from gdial.dialing.states import CallStatus, RunMode
from gdial.errors import TemporaryError
from gdial.monitoring import metrics
from gdial.runtime import Runtime
from gdial.storage import attempts
from gdial.storage import events as stored_events
from gdial.storage.attempt_changes import Loaded, change_attempt
from gdial.storage.attempts import StoredAttempt
from gdial.storage.database import Transaction
from gdial.storage.events import CarrierEvent
from gdial.storage.recipients import StoredRecipient
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

LEFTOVER_AGE_SECONDS = 5
LEFTOVERS_AT_ONCE = 100


class EventKind(StrEnum):
    STATUS = "status"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class CallNamed:
    """Which call a word is about: the attempt in its address, the carrier's SID, and the network that signed it
    (None: we asked ourselves)."""

    attempt_id: UUID
    sid: str
    mode: RunMode | None = None


@dataclass(frozen=True, slots=True)
class CallInHand:
    """The call that a word was about, as it stood before this word. `presses`: the digits of each step so far, in
    order of steps, this word's among them; "" is a step that nobody answered."""

    attempt: StoredAttempt
    recipient: StoredRecipient
    presses: Sequence[str] = ()

    @property
    def run(self) -> Run:
        return self.recipient.run


async def record_status(rt: Runtime, call: CallNamed, word: StatusWord) -> CallInHand | None:
    """None when the call is unknown: no such attempt, or another call's SID on it. A replay changes nothing.

    Raises DatabaseUnavailable when nothing was stored.
    """
    facts = {
        "status": word.status,
        "answered_by": word.answered_by,
        "error_code": word.error_code,
        "refusal": word.refusal,
        "error": word.error,
        "said_at": word.said_at.isoformat() if word.said_at else None,
    }
    in_hand = await _record(rt, call, word.event_id, EventKind.STATUS, facts)
    if in_hand is not None and call.mode is not None and word.said_at is not None:
        metrics.callback_delay.observe(max(0.0, (rt.clock() - word.said_at).total_seconds()))
    return in_hand


async def record_answer(rt: Runtime, call: CallNamed) -> CallInHand | None:
    """The carrier fetched the script: somebody or something lifted the receiver. The same word as `in-progress`."""
    return await record_status(rt, call, status_word(call.sid, CallStatus.IN_PROGRESS))


async def record_press(rt: Runtime, call: CallNamed, step: int, digits: str) -> CallInHand | None:
    """The first key of a step is stored, and the first that is an answer counts; others for the same step change
    nothing."""
    return await _record(rt, call, f"key:{step}", EventKind.KEY, {"step": step, "digits": digits})


async def record_asked(rt: Runtime, attempt_id: UUID, told: CarrierCall) -> CallInHand | None:
    """What the carrier answered when asked; the same words as its callbacks, so one of the two changes nothing."""
    call = CallNamed(attempt_id, told.sid)
    if told.answered_by is None and told.status is CallStatus.COMPLETED:
        await record_answer(rt, call)
    return await record_status(rt, call, status_word(told.sid, told.status, told.ended_at, told.answered_by))


def status_word(
    sid: str, status: CallStatus, said_at: datetime | None = None, answered_by: str | None = None
) -> StatusWord:
    return StatusWord(sid=sid, status=status, event_id=f"{sid}:{status}", said_at=said_at, answered_by=answered_by)


async def decide_leftovers(rt: Runtime) -> int:
    """Decide on words that were stored while deciding failed; how many there were."""
    before = rt.clock() - timedelta(seconds=LEFTOVER_AGE_SECONDS)
    async with rt.database.reading() as tx:
        left = await stored_events.undecided(tx, before, LEFTOVERS_AT_ONCE)
    for event in left:
        await _decide_leftover(rt, event)
    return len(left)


async def _decide_leftover(rt: Runtime, event: CarrierEvent) -> None:
    """One that cannot be decided on at all is told to the operator and let be: it must not hold up the others."""
    decided = None
    try:
        async with rt.database.transaction() as tx:
            loaded = await attempts.load_locked(tx, event.attempt_id)
            # Under the recipient's lock: of several schedulers that found it, one decides.
            is_ours = await stored_events.mark_decided(tx, event.attempt_id, event.event_id, rt.clock())
            if loaded is not None and is_ours and _is_about(event, None, loaded):
                decided = await decide_and_save(tx, rt, loaded[0], _core_event(event, *loaded), loaded[1])
    except TemporaryError:
        raise
    except Exception:
        log.exception("a word of the carrier means nothing here", attempt=str(event.attempt_id), word=event.event_id)
        async with rt.database.transaction() as tx:
            await stored_events.mark_decided(tx, event.attempt_id, event.event_id, rt.clock())
    if decided is not None:
        await let_out(rt, decided)


async def _record(
    rt: Runtime, call: CallNamed, event_id: str, kind: EventKind, facts: Mapping[str, object]
) -> CallInHand | None:
    event = CarrierEvent(call.attempt_id, event_id, kind, call.sid, facts, rt.clock())
    try:
        in_hand, decided = await _store_and_decide(rt, event, call.mode)
    except TemporaryError:
        raise
    except Exception:
        # A fault of ours while deciding must not lose the word: it is stored, and decided on later.
        log.exception("stored, but not decided on", attempt=str(event.attempt_id), event_id=event.event_id)
        in_hand, decided = await _store_for_later(rt, event, call.mode)
    if decided is not None:
        await let_out(rt, decided)
    return in_hand


async def _store_and_decide(
    rt: Runtime, event: CarrierEvent, mode: RunMode | None
) -> tuple[CallInHand | None, Decided | None]:
    """One transaction: the word, then what it means."""

    async def store_and_decide(tx: Transaction, loaded: Loaded | None) -> tuple[CallInHand | None, Decided | None]:
        if loaded is None or not _is_about(event, mode, loaded):
            return None, None
        recipient, attempt = loaded
        decided = None
        if await _is_new(tx, event, recipient, decided_at=rt.clock()):
            decided = await decide_and_save(tx, rt, recipient, _core_event(event, recipient, attempt), attempt)
        return await _in_hand(tx, recipient, attempt, event.kind), decided

    return await change_attempt(rt.database, event.attempt_id, store_and_decide)


async def _store_for_later(rt: Runtime, event: CarrierEvent, mode: RunMode | None) -> tuple[CallInHand | None, None]:
    async with rt.database.transaction() as tx:
        loaded = await attempts.load_locked(tx, event.attempt_id)
        if loaded is None or not _is_about(event, mode, loaded):
            return None, None
        await _is_new(tx, event, loaded[0], decided_at=None)
        return await _in_hand(tx, *loaded, event.kind), None


async def _is_new(
    tx: Transaction, event: CarrierEvent, recipient: StoredRecipient, *, decided_at: datetime | None
) -> bool:
    """Stored now. A star, a wrong key or silence takes no answer's place: where the carrier lost what followed it, the
    same prompt was given again."""
    if await stored_events.insert_if_new(tx, event, decided_at):
        return True
    if event.kind != EventKind.KEY or not _is_answer(event, recipient):
        return False
    stored = await stored_events.of_attempt(tx, event.attempt_id, EventKind.KEY)
    if any(it.facts["step"] == event.facts["step"] and _is_answer(it, recipient) for it in stored):
        return False
    return await stored_events.insert_if_new(tx, replace(event, event_id=f"{event.event_id}:answer"), decided_at)


def _is_answer(event: CarrierEvent, recipient: StoredRecipient) -> bool:
    return event.facts["digits"] in recipient.run.responses


def _is_about(event: CarrierEvent, mode: RunMode | None, loaded: Loaded) -> bool:
    recipient, attempt = loaded
    if attempt.facts.sid in (None, event.sid) and mode in (None, recipient.run.mode):
        return True
    log.error("a word about another call than this attempt's own", attempt=str(event.attempt_id), sid=event.sid)
    return False


def _core_event(event: CarrierEvent, recipient: StoredRecipient, attempt: StoredAttempt) -> AttemptEvent:
    if event.kind == EventKind.KEY:
        digits = str(event.facts["digits"])
        return events.KeyPressed(attempt.facts, int(event.facts["step"]), digits, _is_answer(event, recipient))
    said_at = event.facts.get("said_at")
    return events.StatusHeard(
        attempt.facts,
        event.sid,
        CallStatus(event.facts["status"]),
        event.facts.get("answered_by"),
        event.facts.get("error_code") or "",
        datetime.fromisoformat(said_at) if said_at else None,
        blames_number=event.facts.get("refusal") == Refusal.BAD_NUMBER,
        blames_account=event.facts.get("refusal") == Refusal.ACCOUNT,
        error=event.facts.get("error") or "",
    )


async def _in_hand(tx: Transaction, recipient: StoredRecipient, attempt: StoredAttempt, kind: str) -> CallInHand:
    presses: Sequence[str] = ()
    if kind == EventKind.KEY:
        stored = await stored_events.of_attempt(tx, attempt.facts.id, EventKind.KEY)
        stored.sort(key=lambda event: _is_answer(event, recipient))  # an answer last: it stands for its step
        by_step = {int(event.facts["step"]): str(event.facts["digits"]) for event in stored}
        presses = tuple(by_step.get(step, "") for step in range(max(by_step, default=-1) + 1))
    return CallInHand(attempt, recipient, presses)
