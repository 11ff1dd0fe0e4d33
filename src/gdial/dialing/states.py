"""The states of runs, recipients and attempts; each says who holds the call now.

The diagrams, with their edges lettered and explained, stand in docs/explanation/dialing.md.
"""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """A call run."""

    SCHEDULED = "scheduled"  # the clock holds it, until `scheduled_at`
    RUNNING = "running"  # the feeder holds it
    PAUSED = "paused"  # the operator holds it; calls under way go on
    DONE = "done"  # nobody: every recipient has an outcome and no attempt is open
    STOPPED = "stopped"  # nobody: the operator ended it; calls under way may still improve it


class RunMode(StrEnum):
    """Which telephone network a run rings over; the two never meet."""

    REAL = "real"
    DRILL = "drill"


class RecipientState(StrEnum):
    """One person in one run."""

    WAITING = "waiting"  # the feeder holds the person, until `due_at`
    CALLING = "calling"  # an open attempt holds the person
    ENDED = "ended"  # nobody: there is an outcome


class Outcome(StrEnum):
    """How it ended for a person. Later in this list is never given up for earlier."""

    STOPPED = "stopped"
    NOT_REACHED = "not_reached"
    REACHED = "reached"


class AttemptState(StrEnum):
    """One number dialled once."""

    CLAIMED = "claimed"  # a worker holds it; its id is committed, the carrier may be hearing of it
    UNKNOWN = "unknown"  # the reconciler holds it; it may ring, so nothing else of this person may
    PLACED = "placed"  # the carrier holds it; its SID is known
    CLOSED = "closed"  # nobody


class CallStatus(StrEnum):
    """A call in the carrier's words (Twilio's REST and callback vocabulary)."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self in FINAL_STATUSES

    @property
    def rank(self) -> int:
        """Progress of a call: a lower rank heard after a higher one is late and changes nothing."""
        return _RANKS[self]


FINAL_STATUSES = frozenset(
    {CallStatus.COMPLETED, CallStatus.BUSY, CallStatus.NO_ANSWER, CallStatus.FAILED, CallStatus.CANCELED}
)
_RANKS = {
    CallStatus.QUEUED: 0,
    CallStatus.INITIATED: 1,
    CallStatus.RINGING: 2,
    CallStatus.IN_PROGRESS: 3,
    **dict.fromkeys(FINAL_STATUSES, 4),
}


class Reason(StrEnum):
    """Why a recipient's outcome is what it is, or what the last attempt came to."""

    KEY = "key"
    ANSWERED = "answered"
    RANG_BACK = "rang back"
    NO_KEY = "no key"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "call failed"
    CANCELED = "call canceled"
    BAD_NUMBER = "bad number"
    NO_NUMBER = "no number left to ring"
    DEADLINE = "deadline"
    STOPPED = "stopped by the operator"
    CARRIER_REFUSED = "carrier refused"
    RUNG_ENOUGH = "rung too often this hour"
    NEVER_RANG = "never rang"
    INTERNAL = "failed: internal"
