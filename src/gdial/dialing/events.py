"""What can happen to a recipient, in the past tense. An event about an attempt carries it as it was stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gdial.dialing.model import Attempt
from gdial.dialing.states import CallStatus


@dataclass(frozen=True, slots=True)
class TurnCame:
    """A worker holds a free line for this person; `attempt_id` is newly minted."""

    attempt_id: UUID


@dataclass(frozen=True, slots=True)
class NumberWasInUse:
    """An open attempt of another run rings this person or this number."""


@dataclass(frozen=True, slots=True)
class NumberFoundBad:
    """Another run, or another person with the same number, has learnt that the number to ring cannot be rung."""


@dataclass(frozen=True, slots=True)
class NumberRungEnough:
    """The number to ring was rung within the hour as often as programs may; `free_at` is when it may be again."""

    free_at: datetime


@dataclass(frozen=True, slots=True)
class FeedLapsed:
    """The person was put on the queue, and no attempt came of it."""


@dataclass(frozen=True, slots=True)
class FeedReturned:
    """A worker gave the person back without trying: no line, or somebody more urgent."""


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The run's time is up."""


@dataclass(frozen=True, slots=True)
class RunStopped:
    """The operator stopped the run; `hang_up` ends calls under way too."""

    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class CallAccepted:
    """The carrier has the call: it answered the create, or its list showed it."""

    attempt: Attempt
    sid: str
    status: CallStatus


@dataclass(frozen=True, slots=True)
class NumberRefused:
    """The carrier says that this number cannot be rung, ever."""

    attempt: Attempt
    code: str
    error: str


@dataclass(frozen=True, slots=True)
class CallPutOff:
    """The carrier did not process the create and may later. `retry_after_seconds`: as it asked for."""

    attempt: Attempt
    code: str
    error: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class AccountRefused:
    """The carrier refuses the account or its set-up; nobody can be rung until a person mends it."""

    attempt: Attempt
    code: str
    error: str


@dataclass(frozen=True, slots=True)
class CallRefused:
    """The carrier refuses this call for a reason that says nothing of the number or the account."""

    attempt: Attempt
    code: str
    error: str


@dataclass(frozen=True, slots=True)
class PlacingLost:
    """Nobody knows whether the carrier took the call."""

    attempt: Attempt
    error: str


@dataclass(frozen=True, slots=True)
class CallNeverWas:
    """The carrier's own list was read twice and shows no such call."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class StatusHeard:
    """A word about the call, by callback or by asking. `blames_number`, `blames_account`: it failed, and the carrier
    says that this number cannot be rung ever, or that nobody can until a person mends something; `error` says what."""

    attempt: Attempt
    sid: str
    status: CallStatus
    answered_by: str | None = None
    error_code: str = ""
    ended_at: datetime | None = None
    blames_number: bool = False
    blames_account: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The first key of a step, or the first with a meaning. `is_listed`: the message gives this key a meaning."""

    attempt: Attempt
    step: int
    digit: str
    is_listed: bool


@dataclass(frozen=True, slots=True)
class RangBack:
    """The person rang our number and is told the message."""


@dataclass(frozen=True, slots=True)
class AnsweredByRingBack:
    """A key pressed in a call that the person made to us; `call_id` is that call's. `is_listed`: as for KeyPressed."""

    call_id: UUID
    step: int
    digit: str
    is_listed: bool


AttemptEvent = (
    CallAccepted
    | NumberRefused
    | CallPutOff
    | AccountRefused
    | CallRefused
    | PlacingLost
    | CallNeverWas
    | StatusHeard
    | KeyPressed
)
Event = (
    TurnCame
    | NumberWasInUse
    | NumberFoundBad
    | NumberRungEnough
    | FeedLapsed
    | FeedReturned
    | DeadlinePassed
    | RunStopped
    | RangBack
    | AnsweredByRingBack
    | AttemptEvent
)
