"""What goes wrong in the telephone network: all of its faults, at a few per cent each."""

from __future__ import annotations

from random import Random
from typing import Any

LONGEST_OUTAGE_SECONDS = 8.0
FAULTS: tuple[dict[str, Any], ...] = (
    {"does": "error", "status": 500, "accepted": True, "share": 0.02},
    {"does": "cut", "accepted": True, "share": 0.02},
    {"does": "hang", "accepted": True, "share": 0.01, "seconds": [5, 8]},
    {"does": "error", "status": 503, "accepted": False, "share": 0.01},
    {"does": "cut", "accepted": False, "share": 0.01},
    {"does": "too_many_requests", "share": 0.02, "at_most": 2},
    {"does": "too_many_requests", "share": 0.03, "requests": ["fetch", "list"]},
    {"does": "refuse", "code": 10004, "share": 0.01, "at_most": 1},
    {"does": "refuse", "code": 22005, "share": 0.01, "at_most": 1},
    {"does": "slow", "share": 0.03, "seconds": [0.5, 2.5]},
    {"does": "callback_lost", "share": 0.04},
    {"does": "callback_doubled", "share": 0.04},
    {"does": "callback_swapped", "share": 0.03},
    {"does": "callback_late", "share": 0.02, "seconds": [5, 20]},
    {"does": "callback_fails", "failure": "answer_lost", "share": 0.02},
    {"does": "script_fails", "share": 0.02},
    {"does": "key_fails", "failure": "answer_lost", "share": 0.02},
    {"does": "key_late", "share": 0.01, "seconds": [1, 4]},
    {"does": "list_lag", "share": 0.2, "seconds": [1, 5]},
    {"does": "fetch_lag", "share": 0.1, "seconds": [0.5, 3]},
)
"""The list lags by less than UNKNOWN_FIRST_LIST_SEC of a trial, which is what GDial assumes of a carrier. A create
that was too much for the carrier halves the pace for half a minute, so there are three: more would only make a trial
long."""


def plan_faults(seed: int, seconds: float) -> dict[str, Any]:
    """A plan for the simulator over so many seconds, with three outages of its API. The same seed, the same plan."""
    random = Random(f"faults {seed}")
    outages = [
        {
            "does": "outage",
            "how": how,
            "from_seconds": round(random.uniform(0.05, 0.9) * seconds, 1),
            "for_seconds": round(random.uniform(1, LONGEST_OUTAGE_SECONDS), 1),
        }
        for how in ("refused", "error", "hang")
    ]
    return {"description": f"chaos {seed}", "seed": seed, "faults": [*FAULTS, *outages]}
