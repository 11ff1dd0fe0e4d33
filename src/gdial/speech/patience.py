"""How long one text may take an engine."""

from __future__ import annotations

CHARACTERS_A_SECOND = 50
"""About three times as fast as it is spoken, which the slowest engine worth having is."""


def longest_seconds(base_seconds: float, spoken: str) -> float:
    """The setting's seconds, which cover a short text, and more for a long one."""
    return base_seconds + len(spoken) / CHARACTERS_A_SECOND
