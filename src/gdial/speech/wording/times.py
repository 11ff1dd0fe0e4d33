"""Times of day in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gdial.speech.wording import patterns
from gdial.speech.wording.table import Clock

TIME = re.compile(rf"(?P<hour>{patterns.HOUR})(?:[.:](?P<minute>{patterns.MINUTE}))?")


def say_times(written: str, clock: Clock, numbers: Sequence[str], suffix: str | None) -> str:
    """One time or a span of two, as in `kl. 14-16:30`; `suffix` is the am or pm behind it, as written."""
    times = [_say_time(time, clock, numbers, bool(suffix)) for time in TIME.finditer(written)]
    spoken = clock.spoken_prefix + f" {clock.until} ".join(times)
    return f"{spoken} {clock.suffixes[suffix]}" if suffix else spoken


def _say_time(time: re.Match[str], clock: Clock, numbers: Sequence[str], has_suffix: bool) -> str:
    hour, minute = int(time["hour"]), int(time["minute"] or 0)
    if hour in (0, 24) and minute == 0:
        return clock.midnight
    return _form(hour, minute, clock, has_suffix).format(hour=numbers[hour], minute=numbers[minute])


def _form(hour: int, minute: int, clock: Clock, has_suffix: bool) -> str:
    if minute:
        return clock.minutes if minute >= 10 else clock.few_minutes
    if has_suffix:
        return "{hour}"
    return clock.full_hour if hour <= 12 else clock.full_hour_after_noon
