"""Decides what goes wrong, and counts it.

Whether a fault strikes depends on the seed, on what is struck (which request or callback, of which number, and which of
them in turn) and on the shares of its kind, never on the clock, the order of calls or the machine. Only windows and
`at_most` look at the time and at what was struck before.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from gdial.simulator.calls.record import Call, Injected
from gdial.simulator.clock import Clock
from gdial.simulator.faults.plan import FaultPlan, Outage, StrikingFault
from gdial.simulator.signal import Signal
from gdial.simulator.tasks import wait_for_first

MOST_INJECTIONS_KEPT = 200_000


@dataclass(slots=True, eq=False)
class ArmedFault:
    """A fault of the plan in force, and how often it was injected."""

    fault: StrikingFault | Outage
    injected: int = 0


@dataclass(slots=True, eq=False)
class Strike:
    """A fault that hits one thing; it counts once it is recorded. `key` is what the draws depend on."""

    armed: ArmedFault
    fault: StrikingFault
    key: str


@dataclass(frozen=True, slots=True)
class Injection:
    """One fault as it was carried out; `sid` is empty for a request that made no call."""

    at: datetime
    does: str
    to: str
    sid: str
    detail: str


class FaultInjector:
    """The faults of one network. The plan may be replaced while it runs; what was injected goes on being counted."""

    def __init__(self, plan: FaultPlan, seed: int, clock: Clock) -> None:
        self._seed = seed
        self.clock = clock
        self._asked: Counter[tuple[str, str]] = Counter()
        self.injected: Counter[str] = Counter()
        self.injections: deque[Injection] = deque(maxlen=MOST_INJECTIONS_KEPT)
        self.replaced = Signal()
        self.taken = 0
        self.replace(plan)

    def replace(self, plan: FaultPlan) -> None:
        """Take another plan; its windows begin now."""
        self.plan = plan
        self.taken += 1
        self.taken_at = self.clock.now()
        self.armed = [ArmedFault(fault) for fault in plan.faults]
        self.replaced.notify()

    def reset(self) -> None:
        """Forget what was asked and injected; the plan stays, and so does its time."""
        self._asked.clear()
        self.injected.clear()
        self.injections.clear()
        for armed in self.armed:
            armed.injected = 0

    @property
    def seconds_since_taken(self) -> float:
        return (self.clock.now() - self.taken_at).total_seconds()

    def count_request(self, request: str, to: str) -> int:
        """Which request of this kind about this number it is in turn, from 1."""
        self._asked[request, to] += 1
        return self._asked[request, to]

    def choose(self, group: str, what: str, to: str, *ordinals: object) -> Strike | None:
        """The fault of this group that hits this thing, if any; `ordinals` tell it from others of the same number."""
        if not self.armed:
            return None
        now = self.seconds_since_taken
        key = ":".join(str(part) for part in (group, what, to, *ordinals))
        draw, begin = self._draw(key), 0.0
        for armed in self.armed:
            fault = armed.fault
            if isinstance(fault, Outage) or not _is_open(fault, group, what, now):
                continue
            # Each fault has its own stretch of the circle from 0 to 1; those of few numbers lie over the others.
            is_hit = (draw - begin) % 1.0 < fault.share
            begin += fault.share if fault.numbers is None else 0
            if is_hit and _concerns(fault, to) and (fault.at_most is None or armed.injected < fault.at_most):
                return Strike(armed, fault, key)
        return None

    def seconds(self, strike: Strike, span: tuple[float, float]) -> float:
        """How long this strike takes."""
        shortest, longest = span
        return shortest + (longest - shortest) * self._draw(strike.key + ":seconds")

    def record(self, strike: Strike, to: str, detail: str, call: Call | None = None) -> None:
        """It was carried out."""
        self._count(strike.armed, strike.fault.name)
        at = self.clock.now()
        self.injections.append(Injection(at, strike.fault.name, to, call.sid if call else "", detail))
        if call is not None:
            call.faults.append(Injected(strike.fault.name, at, detail))

    def outage(self) -> Outage | None:
        """The outage of this moment, if there is one."""
        now = self.seconds_since_taken
        return next((one for one in self.plan.outages if one.from_seconds <= now < one.until_seconds), None)

    def record_outage(self, outage: Outage) -> None:
        """It is under way; counted once, also where outages overlap."""
        armed = next(one for one in self.armed if one.fault is outage)
        if armed.injected:
            return
        self._count(armed, outage.does)
        detail = f"{outage.how} for {outage.for_seconds:g} s"
        self.injections.append(Injection(self.clock.now(), outage.does, "", "", detail))

    async def next_turn(self) -> None:
        """Wait until an outage begins or ends, or the plan is replaced."""
        seen, left = self.taken, self._until_next_turn()
        replaced = self.replaced.until(lambda: self.taken != seen)
        if left is None:
            await replaced
        else:
            await wait_for_first(replaced, self.clock.sleep_by_calendar(left))

    def _until_next_turn(self) -> float | None:
        now = self.seconds_since_taken
        turns: Iterable[float] = (turn for one in self.plan.outages for turn in (one.from_seconds, one.until_seconds))
        return min((turn - now for turn in turns if turn > now), default=None)

    def describe(self) -> dict[str, Any]:
        """The plan in force and the counts, as plain values for JSON."""
        rows = [armed.fault.model_dump(mode="json") | {"injected": armed.injected} for armed in self.armed]
        return {
            "description": self.plan.description,
            "seed": self._effective_seed,
            "taken_at": self.taken_at.isoformat(),
            "faults": rows,
            "injected": dict(sorted(self.injected.items())),
        }

    @property
    def _effective_seed(self) -> int:
        return self._seed if self.plan.seed is None else self.plan.seed

    def _count(self, armed: ArmedFault, name: str) -> None:
        armed.injected += 1
        self.injected[name] += 1

    def _draw(self, key: str) -> float:
        digest = blake2b(f"{self._effective_seed}:{key}".encode(), digest_size=7).digest()
        return int.from_bytes(digest) / (1 << 56)


def _is_open(fault: StrikingFault, group: str, what: str, now: float) -> bool:
    return fault.group == group and what in fault.strikes_at and fault.from_seconds <= now < fault.until_seconds


def _concerns(fault: StrikingFault, to: str) -> bool:
    return fault.numbers is None or to.startswith(fault.numbers)
