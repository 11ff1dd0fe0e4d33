"""What a seed does to the system: who is killed when, for how long, and how large the call-out is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tests.support.distributed import CALL_WORKERS, SCHEDULERS, TTS_WORKERS

WEB, BROKER, DATABASE = "web", "broker", "database"
PLACES: Mapping[str, tuple[str, ...]] = {
    "call": tuple(f"call-{place}" for place in range(CALL_WORKERS)),
    "tts": tuple(f"tts-{place}" for place in range(TTS_WORKERS)),
    "scheduler": tuple(f"scheduler-{place}" for place in range(SCHEDULERS)),
    WEB: (WEB,),
    BROKER: (BROKER,),
    DATABASE: (DATABASE,),
}
"""Everything that may be killed, by kind. The telephone network is the truth, and is never killed."""
EARLIEST, LATEST = 0.02, 1.3
"""Of the number of people: so many calls the network has had at the first and at the last strike."""

NEVER = sys.maxsize


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a trial is. `most_seconds` is when it counts as stuck, on a machine that is slow and has other work.
    `strikes`: how often a process of each kind is killed; a scheduler once more."""

    people: int
    calls_per_second: int
    most_seconds: float
    strikes: Mapping[str, int]


FULL = Scale(
    people=2_000,
    calls_per_second=28,
    most_seconds=480,
    strikes={"call": 8, "tts": 3, "scheduler": 4, WEB: 4, BROKER: 2, DATABASE: 3},
)
SHORT = Scale(
    people=200,
    calls_per_second=15,
    most_seconds=300,
    strikes={"call": 2, "tts": 1, WEB: 1, BROKER: 1, DATABASE: 1},
)


@dataclass(frozen=True, slots=True)
class Strike:
    """`victim` is killed once the network has had `after_calls` calls, and is started `pause_seconds` later."""

    after_calls: int
    victim: str
    pause_seconds: float


def kind_of(victim: str) -> str:
    return next(kind for kind, places in PLACES.items() if victim in places)


def plan_strikes(seed: int, scale: Scale) -> list[Strike]:
    """In their order. The same seed, the same plan.

    The last victim is a scheduler, once no call has come for a while: one that starts asks about every open call, which
    would else be asked about after 90 silent seconds.
    """
    random = Random(f"strikes {seed}")
    kinds = [kind for kind, times in scale.strikes.items() for _ in range(times)]
    random.shuffle(kinds)
    width = (LATEST - EARLIEST) / len(kinds)
    return [
        Strike(
            after_calls=round(scale.people * (EARLIEST + width * (place + random.random()))),
            victim=random.choice(PLACES[kind]),
            pause_seconds=round(random.uniform(0.2, 5), 1),
        )
        for place, kind in enumerate(kinds)
    ] + [Strike(NEVER, random.choice(PLACES["scheduler"]), 0.2)]
