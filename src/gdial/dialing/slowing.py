"""How a pace gives way to a carrier that says "too many", and comes back: arithmetic, on any clock in seconds.

Multiplicative decrease, linear recovery (the idea of TCP's congestion control, RFC 5681), so that the pace settles near
what the carrier takes without anybody knowing what that is.
"""

from __future__ import annotations

from dataclasses import dataclass

DECREASE = 0.5
DECREASED_AGAIN_AFTER_SECONDS = 1.0
"""Creates that were out together are refused together: that is one refusal."""
RECOVERY_SECONDS = 60.0
"""From nothing to the full pace; from half of it in half the time."""
SLOWEST_SHARE = 1 / 32
SLOWEST_PER_SECOND = 0.1
"""Slower than this no pace is made, unless it was set so: who lies on the queue is to be rung while the feed is
fresh."""
CLOCK_SLACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Slowing:
    """The pace was slowed to `share` of what is set, at `at`; it has been recovering since."""

    share: float = 1.0
    at: float = float("-inf")

    def share_at(self, now: float) -> float:
        """More than 0, at most 1. A slowing in the future is one by a clock that jumped back since: it is over."""
        if self.share >= 1 or self.at > now + CLOCK_SLACK_SECONDS:
            return 1.0
        return min(1.0, self.share + max(0.0, now - self.at) / RECOVERY_SECONDS)

    def after_refusal(self, now: float, per_second: float) -> Slowing:
        """After the carrier refused a create for coming too fast; `per_second` is the pace that is set."""
        share = self.share_at(now)
        if share < 1 and now - self.at < DECREASED_AGAIN_AFTER_SECONDS:
            return self
        lowest = min(1.0, max(SLOWEST_SHARE, SLOWEST_PER_SECOND / per_second))
        return Slowing(max(lowest, share * DECREASE), now)
