"""When no more calls are sent to a carrier that does not answer, and when again: arithmetic, on any clock in seconds.

A circuit breaker (M. Nygard, "Release It!"). It opens after creates in a row that nobody answered. From the first
of them on, a question that nobody answers counts like a create: a call-out to two people finds out too. While it is
open only questions are sent; the first that is answered lets one create through at a time, and a create that is
answered, or a second question, closes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

FAILURES_TO_OPEN = 5
PAUSES_SECONDS = (1.0, 2.0, 3.0, 5.0)
"""Between one question and the next; the last one from then on. It begins anew once it has closed."""


class BreakerState(StrEnum):
    CLOSED = "closed"  # every create passes
    OPEN = "open"  # none does
    HALF_OPEN = "half open"  # one at a time


@dataclass(frozen=True, slots=True)
class Breaker:
    """`failures` in a row while closed; `rounds` since it opened; the next question is due at `ask_at`."""

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    rounds: int = 0
    ask_at: float = float("inf")

    def after_create(self, now: float, *, is_answered: bool) -> Breaker:
        """An answer is any decision of the carrier's own, a refusal too. What was sent before it opened may be
        answered after."""
        if is_answered:
            return self if self.state is BreakerState.OPEN else Breaker()
        match self.state:
            case BreakerState.CLOSED if self.failures + 1 < FAILURES_TO_OPEN:
                return replace(self, failures=self.failures + 1)
            case BreakerState.OPEN:
                return self
            case _:
                return self._wait(BreakerState.OPEN, now)

    def after_question(self, now: float, *, is_answered: bool) -> Breaker:
        if self.state is BreakerState.CLOSED:
            return self if is_answered or not self.failures else self.after_create(now, is_answered=False)
        if not is_answered:
            return self._wait(BreakerState.OPEN, now)
        if self.state is BreakerState.HALF_OPEN:
            return Breaker()
        return self._wait(BreakerState.HALF_OPEN, now)

    def _wait(self, state: BreakerState, now: float) -> Breaker:
        pause = PAUSES_SECONDS[min(self.rounds, len(PAUSES_SECONDS) - 1)]
        return Breaker(state, FAILURES_TO_OPEN, self.rounds + 1, now + pause)
