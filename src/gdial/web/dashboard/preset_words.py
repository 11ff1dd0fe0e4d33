"""What the presets are called on the pages, and what they do."""

from __future__ import annotations

from collections.abc import Mapping

from gdial.dialing.presets import PresetName
from gdial.web.dashboard.languages import N_

PRESET_WORDS: Mapping[PresetName, tuple[str, str]] = {
    PresetName.ALARM: (
        N_("Alarm"),
        N_("Before everything else: up to five rounds, a minute between them, for an hour at most."),
    ),
    PresetName.NORMAL: (N_("Normal"), N_("As the settings say, after whatever is more urgent.")),
    PresetName.DRILL: (
        N_("Drill"),
        N_("As an alarm, on a simulated network: no phone rings, and nothing is sent to the carrier."),
    ),
}
