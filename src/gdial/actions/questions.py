"""How one process asks a carrier about many calls: spaced, a few at once, and not at all while it does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from gdial.errors import CarrierBusy, CarrierUnavailable

T = TypeVar("T")

IN_FLIGHT = 20
FAILURES_IN_A_ROW = 3
"""Fewer than this say nothing of the carrier: single answers go astray."""
PAUSES_SECONDS = (10.0, 20.0, 40.0, 60.0)


LONGEST_ROUND_SECONDS = 60.0


def round_seconds(questions: int, per_second: float, timeout_seconds: float) -> float:
    """In which a round of so many questions is over as a rule. What it asks about is nobody else's for so long; of a
    process that is killed meanwhile, it waits as long."""
    return min(LONGEST_ROUND_SECONDS, 5 + 2 * timeout_seconds + questions / per_second)


class Spacing:
    """Turns at an even distance, by the loop's clock. For one event loop."""

    def __init__(self, per_second: float) -> None:
        self._distance_seconds = 1 / per_second
        self._next_at = 0.0

    async def turn(self) -> None:
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_at)
        self._next_at = at + self._distance_seconds
        if at > now:
            await asyncio.sleep(at - now)


class Questions:
    """One round of questions. After three failures in a row, or when the carrier says that it is too much, the rest of
    the round is not asked: `ask` raises what was answered then."""

    def __init__(self, spacing: Spacing, *, pauses_seconds: Sequence[float] = ()) -> None:
        """`pauses_seconds`: so often, and after such pauses, a question without an answer is asked again."""
        self._spacing = spacing
        self._pauses_seconds = pauses_seconds
        self._turns = asyncio.Semaphore(IN_FLIGHT)
        self._failures = 0
        self.given_up: CarrierUnavailable | None = None
        self.asked = 0
        self.answered = 0

    async def ask(self, question: Callable[[], Awaitable[T]], *, may_repeat: bool = True) -> T:
        """Raises CarrierUnavailable."""
        async with self._turns:
            if self.given_up is None:
                await self._spacing.turn()
            if self.given_up is not None:
                raise self.given_up
            try:
                answer = await self._put(question, self._pauses_seconds if may_repeat else ())
            except CarrierUnavailable as error:
                self._failures += 1
                if self._failures >= FAILURES_IN_A_ROW or isinstance(error, CarrierBusy):
                    self.given_up = error
                raise
            self._failures = 0
            self.answered += 1
            return answer

    async def _put(self, question: Callable[[], Awaitable[T]], pauses_seconds: Sequence[float]) -> T:
        for pause_seconds in pauses_seconds:
            self.asked += 1
            try:
                return await question()
            except CarrierUnavailable as error:
                asked_for = error.retry_after_seconds if isinstance(error, CarrierBusy) else None
                await asyncio.sleep(min(max(pause_seconds, asked_for or 0), PAUSES_SECONDS[-1]))
                await self._spacing.turn()
        self.asked += 1
        return await question()


@dataclass(slots=True)
class Patience:
    """How long a carrier that does not answer is left in peace: growing pauses, a minute at most."""

    _failures: int = 0
    _until: datetime | None = None

    def is_away(self, now: datetime) -> bool:
        return self._until is not None and now < self._until

    @property
    def until(self) -> datetime | None:
        return self._until

    def answered(self) -> None:
        self._failures, self._until = 0, None

    def failed(self, now: datetime, error: CarrierUnavailable) -> datetime:
        """When to ask again."""
        pause = PAUSES_SECONDS[min(self._failures, len(PAUSES_SECONDS) - 1)]
        asked_for = error.retry_after_seconds if isinstance(error, CarrierBusy) else None
        self._failures += 1
        self._until = now + timedelta(seconds=min(max(pause, asked_for or 0), PAUSES_SECONDS[-1]))
        return self._until
