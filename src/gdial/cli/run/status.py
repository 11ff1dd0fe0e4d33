"""A run as the REST interface tells it, and what is worked out from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

WINDOW_SECONDS = 60.0
"""The rate is that of the last minute: it follows a run that slows down at its end."""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """`answers` counts people by key, `labels` says what the keys mean."""

    id: str
    name: str
    mode: str
    state: str
    paused_because: str
    recipients: int
    waiting: int
    calling: int
    reached: int
    not_reached: int
    stopped: int
    answers: Mapping[str, int]
    labels: Mapping[str, str]
    reached_when: str
    ledger_balances: bool
    waits_for_carrier_since: datetime | None
    scheduled_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Everybody has an outcome and no call is open."""
        return self.ended_at is not None

    @property
    def ended(self) -> int:
        return self.reached + self.not_reached + self.stopped

    @property
    def reached_without_key(self) -> int:
        """With the policy `answered`, those who said nothing."""
        return max(0, self.reached - sum(self.answers.values()))

    def ledger(self) -> str:
        sum_ = f"reached {self.reached} + not reached {self.not_reached} + stopped {self.stopped}"
        return f"recipients {self.recipients} = {sum_}"


def read_status(run: Mapping[str, Any]) -> RunStatus:
    counts = run["counts"]
    return RunStatus(
        id=run["id"],
        name=run["name"],
        mode=run["mode"],
        state=run["state"],
        paused_because=run["paused_because"],
        recipients=counts["recipients"],
        waiting=counts["waiting"],
        calling=counts["calling"],
        reached=counts["reached"],
        not_reached=counts["not_reached"],
        stopped=counts["stopped"],
        answers=run["answers"],
        labels={key: response["label"] for key, response in run["responses"].items()},
        reached_when=run["policy"]["reached_when"],
        ledger_balances=run["ledger_balances"],
        waits_for_carrier_since=_moment(run.get("waits_for_carrier_since")),
        scheduled_at=_moment(run["scheduled_at"]),
        started_at=_moment(run["started_at"]),
        ended_at=_moment(run["ended_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass
class Speed:
    """How fast people come to an end, from what was seen at moments in seconds of a clock that only goes forward."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, now: float, ended: int) -> None:
        self._seen.append((now, ended))
        while self._seen[-1][0] - self._seen[0][0] > WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def people_per_minute(self) -> float:
        """0 until there is something to go by."""
        (first_at, first), (last_at, last) = self._seen[0], self._seen[-1]
        return (last - first) * 60 / (last_at - first_at) if last_at > first_at else 0.0

    def seconds_left(self, people_left: int) -> float | None:
        """None while nobody can tell. People who are rung again later are counted as if they were rung at once."""
        rate = self.people_per_minute
        return people_left * 60 / rate if rate > 0 else None
