"""What the core decides: the new values, and what is to be let out once they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from gdial.dialing.model import Attempt, NumberToRing, Recipient


@dataclass(frozen=True, slots=True)
class Dial:
    """Ring this number under this attempt's id."""

    attempt_id: UUID
    number: NumberToRing


@dataclass(frozen=True, slots=True)
class HangUpCall:
    """End this attempt's call. Nothing can be done while the carrier's id is not known: this step then comes again
    with the first word of the call."""

    attempt_id: UUID


@dataclass(frozen=True, slots=True)
class PauseRun:
    """Stop dialling and tell the operator why."""

    code: str
    error: str


@dataclass(frozen=True, slots=True)
class MarkNumberBad:
    """Remember on the contact that this number cannot be rung."""

    number: NumberToRing
    code: str


Step = Dial | HangUpCall | PauseRun | MarkNumberBad


@dataclass(frozen=True, slots=True)
class Decision:
    """`recipient` and `attempt` as they are from now on (`attempt` None: the event was about none)."""

    recipient: Recipient
    attempt: Attempt | None = None
    steps: tuple[Step, ...] = ()
