"""What the core knows of a person and of an attempt when it decides. Values, never changed in place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gdial.dialing.states import AttemptState, CallStatus, Outcome, Reason, RecipientState, RunState


@dataclass(frozen=True, slots=True)
class NumberToRing:
    """One of a person's numbers, in order of priority. `is_bad`: the carrier said that it cannot be rung."""

    number: str
    phone_number_id: UUID | None = None
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One number dialled once; `number_index` points into the recipient's numbers."""

    id: UUID
    number_index: int
    state: AttemptState = AttemptState.CLAIMED
    status: CallStatus | None = None
    sid: str | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    digits: str | None = None
    answer_step: int | None = None
    error_code: str = ""
    error: str = ""

    @property
    def is_open(self) -> bool:
        return self.state is not AttemptState.CLOSED


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person in one run.

    `round` and `number_index` name the number to ring next, both from 0; `due_at` is when. `open_attempt_id` is
    the attempt under way, if any: it may outlive the outcome, as when the thanks are being said. `run_hangs_up`: the
    run was stopped with its calls, also those whose SID was not known at that moment.
    """

    numbers: tuple[NumberToRing, ...]
    run_state: RunState
    run_hangs_up: bool = False
    deadline_at: datetime | None = None
    state: RecipientState = RecipientState.WAITING
    outcome: Outcome | None = None
    reason: Reason | None = None
    answer: str | None = None
    answer_attempt_id: UUID | None = None
    answer_step: int | None = None
    round: int = 0
    number_index: int = 0
    due_at: datetime | None = None
    feeds: int = 0
    attempts: int = 0
    refusals: int = 0
    open_attempt_id: UUID | None = None

    @property
    def turn(self) -> int:
        """Order of dialling: all first numbers, then all second ones, then the next round."""
        return self.round * TURNS_IN_A_ROUND + self.number_index

    def mark_bad(self, index: int) -> Recipient:
        """With this number marked, wherever it stands in the list."""
        bad = self.numbers[index].number
        numbers = (replace(entry, is_bad=True) if entry.number == bad else entry for entry in self.numbers)
        return replace(self, numbers=tuple(numbers))


TURNS_IN_A_ROUND = 100
"""More numbers than one person may have."""
