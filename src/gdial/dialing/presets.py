"""Ways to ring that an operator chooses by one word: how insistently, how urgently, over which network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from gdial.dialing.states import RunMode


class PresetName(StrEnum):
    ALARM = "alarm"  # at once, before everything else, again and again
    NORMAL = "normal"  # as the system settings say
    DRILL = "drill"  # as an alarm, over the simulated network


@dataclass(frozen=True, slots=True)
class Preset:
    """`policy` has what differs from the installation's own; seconds and minutes as its names say."""

    name: PresetName
    priority: int
    mode: RunMode
    policy: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


INSISTENT = MappingProxyType(
    {
        "ring_timeout_seconds": 25,
        "rounds": 5,
        "wait_between_numbers_seconds": 0,
        # The second ring within three minutes is what breaks through a telephone's "do not disturb".
        "wait_between_rounds_seconds": 60,
        "deadline_minutes": 60,
    }
)

PRESETS: Mapping[PresetName, Preset] = MappingProxyType(
    {
        PresetName.ALARM: Preset(PresetName.ALARM, 9, RunMode.REAL, INSISTENT),
        PresetName.NORMAL: Preset(PresetName.NORMAL, 1, RunMode.REAL),
        PresetName.DRILL: Preset(PresetName.DRILL, 1, RunMode.DRILL, INSISTENT),
    }
)
