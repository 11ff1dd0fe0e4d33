"""Pace as arithmetic: how many calls may start a second, how many lines may be open.

The rate is a GCRA (ITU-T I.371, annex A): a call start that was delayed by no more than the tolerance is caught up,
and in no window of w seconds fall more than (w + tolerance) x rate + 1 starts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from gdial.dialing.states import RunMode

RATE_MARGIN = 0.01
"""The interval is this share longer than 1/rate: a carrier measures when requests arrive, not when they leave."""
TOLERANCE_SECONDS = 0.05
CATCH_UP_SECONDS = 0.2
"""How late a slot may be taken and still count from when it was due."""
LEAST_GAP_SHARE = 0.96
"""Two calls leave no closer than this share of an interval, however late the first of them was: lost time is caught up
little by little, and what the network bunches on the way stays within what a carrier takes."""
URGENT_PRIORITY = 8
"""Runs of this priority and higher may use the lines kept for them."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Starts a second; times are seconds on any clock that only goes forward."""

    per_second: float
    tolerance_seconds: float = TOLERANCE_SECONDS

    @property
    def interval(self) -> float:
        return (1 + RATE_MARGIN) / self.per_second

    def take(self, next_at: float, now: float) -> tuple[float, float]:
        """Reserve the next start: (when it may happen, the `next_at` to keep for the one after)."""
        start_at = max(next_at, now - self.tolerance_seconds)
        return max(start_at, now), start_at + self.interval

    def slowed(self, share: float) -> Rate:
        """This share of it, more than 0 and at most 1."""
        return self if share >= 1 else replace(self, per_second=self.per_second * share)

    def believe(self, next_at: float, now: float) -> float:
        """A kept `next_at`, or the latest that can be true: a clock that jumped back delays nothing for long."""
        return min(next_at, now + self.interval + self.tolerance_seconds)

    def after_leaving(self, due_at: float, left_at: float) -> float:
        """When the next may leave, after one that was due at `due_at` has left at `left_at`."""
        on_time = max(due_at, left_at - self.tolerance_seconds) + self.interval
        return max(on_time, left_at + self.interval * LEAST_GAP_SHARE)


def urgent_lines(lines: int) -> int:
    """How many of the lines are kept for urgent runs: a tenth, at least one, none of a single line."""
    return 0 if lines <= 1 else max(1, lines // 10)


def lines_for(priority: int, lines: int) -> int:
    """How many lines may be open in all when a call of this priority starts."""
    return lines if priority >= URGENT_PRIORITY else lines - urgent_lines(lines)


def window_size(per_second: float, lines_free: int, lease_seconds: float) -> int:
    """How many recipients may lie on the queue: a second of the pace, at least 100, and never more than can be
    started while their feed is fresh (a third of the lease at this pace, and the lines that are free)."""
    wanted = max(100, round(per_second))
    startable = max(1, round(per_second * lease_seconds / 3))
    return min(wanted, startable, max(0, lines_free))


@dataclass(frozen=True, slots=True)
class Slot:
    """The right to start one call now, with a line held for it.

    `next_at` and `next_at_before` say what taking it made of the gate, so that it can be given back. `lease_id` names
    the held line where several processes share the lines: it is used up in the transaction that claims the call.
    """

    next_at: float
    next_at_before: float
    lease_id: UUID | None = None


class Pace(Protocol):
    """The limiter of one carrier's calls, shared by everything that dials over it.

    Where several processes share it, each question may raise DatabaseUnavailable: then there is no slot.
    """

    @property
    def per_second(self) -> float:
        """Now: what is set, or less while the carrier refuses for coming too fast."""
        ...

    async def slow_down(self) -> float:
        """The carrier refused a create for coming too fast: fewer calls start from now on, for everybody who shares the
        pace, and by and by as many as are set again. How many a second now. May raise DatabaseUnavailable."""
        ...

    async def take_slot(self, priority: int) -> Slot | None:
        """Wait for the moment at which one call may start, and hold a line for it.

        None at once when no line is free for this priority, or nobody gets a slot any more. A slot that is not used
        is given back.
        """
        ...

    async def depart(self) -> float:
        """Wait until a call that has its slot and its claim may go out, so that calls held up together do not leave
        together; how many seconds that took."""
        ...

    def stop_taking(self) -> None:
        """From now on nobody gets a slot; who waits for one is told so at once."""
        ...

    async def give_back(self, slot: Slot) -> None:
        """Return a slot that was not used: its line is free, and its start goes to the next in turn, unless another
        call has started since. Never raises for a database that is away."""
        ...

    def free_line(self) -> None:
        """A call has ended."""
        ...

    def recount(self, open_calls: int) -> None:
        """How many calls are open by the database, once a second or so: an end that was stored, but of which nobody
        was told because the connection was lost with it, keeps no line busy for ever."""
        ...

    async def free_lines(self, priority: int) -> int:
        """How many calls of this priority could start now as far as lines go."""
        ...


class Gates(Protocol):
    """What several processes keep in common to share one pace: times by one clock, and the lines that are taken.

    Every question is one short transaction; each may raise DatabaseUnavailable.
    """

    async def take(self, mode: RunMode, rate: Rate, lines: int) -> Slot | float | None:
        """A slot; or how many seconds it is too early; or None when `lines` lines are taken already."""
        ...

    async def give_back(self, mode: RunMode, slot: Slot) -> None: ...

    async def leave(self, mode: RunMode, rate: Rate, asked_at: float | None) -> tuple[float, float]:
        """(when this call first asked, by the common clock, and how many seconds it is too early): 0 is gone.

        `asked_at` is None the first time.
        """
        ...

    async def slow_down(self, mode: RunMode, per_second: float) -> float:
        """The carrier refused a create for coming too fast: the share of the pace that holds now, for everybody."""
        ...

    async def share(self, mode: RunMode) -> float:
        """The share of the pace that holds now, more than 0 and at most 1."""
        ...

    async def taken_lines(self, mode: RunMode) -> int:
        """Open calls, and lines held for calls that are about to be claimed."""
        ...
