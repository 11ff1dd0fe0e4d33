"""The breaker of one process towards one carrier: who wants to place a call asks it first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from gdial.carriers.base import Placing, is_answer
from gdial.dialing.breaker import Breaker, BreakerState


class CarrierBreaker:
    """Use it inside one event loop. Whoever entered leaves, whatever became of the call.

    It sends nothing by itself: `workers/carrier_watch` asks the carrier when `ask_in_seconds` have passed.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._breaker = Breaker()
        self._clock = clock
        self._inside = 0
        self._openings = 0
        self._changed = asyncio.Event()
        self._is_stopped = False
        self.opened = asyncio.Event()
        """Set while it is not closed."""
        self.suspected = asyncio.Event()
        """Set while it is not closed, and from a create that was not answered until the next answer of any kind."""
        self.why = ""
        """What the last create that was not answered came to."""

    @property
    def state(self) -> BreakerState:
        return self._breaker.state

    @property
    def ask_in_seconds(self) -> float:
        return max(0.0, self._breaker.ask_at - self._clock())

    async def enter(self, limit_seconds: float) -> int | None:
        """Wait until a call may be placed: a pass for `may_go`. None when none may within the limit, or nobody may any
        more."""
        try:
            async with asyncio.timeout(limit_seconds):
                while not self._passes() and not self._is_stopped:
                    await self.changes()
        except TimeoutError:
            return None
        if not self._passes():
            return None
        self._inside += 1
        return self._openings

    def may_go(self, own_pass: int) -> bool:
        """Whether the create of whoever entered with this pass may be sent now. Who entered before it opened waits for
        those who try whether the carrier is back."""
        if self.state is BreakerState.HALF_OPEN:
            return own_pass == self._openings
        return self.state is BreakerState.CLOSED

    def leave(self) -> None:
        self._inside -= 1
        self._tell()

    def _passes(self) -> bool:
        if self.state is BreakerState.HALF_OPEN:
            return self._inside == 0
        return self.state is BreakerState.CLOSED

    def note_create(self, placing: Placing) -> None:
        answered = is_answer(placing)
        if not answered:
            self.why = getattr(placing, "reason", "")
        self._suspect(is_answered=answered)
        self._become(self._breaker.after_create(self._clock(), is_answered=answered))

    def note_question(self, *, is_answered: bool) -> None:
        self._suspect(is_answered=is_answered)
        self._become(self._breaker.after_question(self._clock(), is_answered=is_answered))

    async def changes(self) -> None:
        """Until the state changes, somebody leaves, or it is told to stop."""
        self._changed.clear()
        await self._changed.wait()

    def stop_waiting(self) -> None:
        """From now on nobody waits; who does is told at once."""
        self._is_stopped = True
        self._tell()

    def _suspect(self, *, is_answered: bool) -> None:
        if is_answered:
            self.suspected.clear()
        else:
            self.suspected.set()

    def _become(self, breaker: Breaker) -> None:
        before, self._breaker = self._breaker, breaker
        if breaker.state is BreakerState.CLOSED:
            self.opened.clear()
        else:
            self.opened.set()
            self.suspected.set()
        if before.state is not breaker.state:
            self._openings += breaker.state is BreakerState.OPEN
            self._tell()

    def _tell(self) -> None:
        self._changed.set()
