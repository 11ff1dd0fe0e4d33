"""Moments as they are sent to the interface: RFC 3339, with their zone."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator

_BEGINS_WITH_A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _require_a_date(sent: Any) -> Any:
    """pydantic takes a number for seconds since 1970, also one in text: `until=2026` would be a moment of that year."""
    if isinstance(sent, str) and _BEGINS_WITH_A_DATE.match(sent):
        return sent
    raise ValueError("must be a date and a time with its zone, such as 2026-03-01T04:00:00+01:00")


SentMoment = Annotated[AwareDatetime, BeforeValidator(_require_a_date)]
"""A field or a parameter that somebody fills in. What GDial itself sends is AwareDatetime."""
