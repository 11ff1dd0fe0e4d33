"""What a create asked for, after its form was understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MachineDetection = Literal["Enable", "DetectMessageEnd"]


@dataclass(frozen=True, slots=True)
class Target:
    """An address of the application and the method it wants."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A call as its creator wants it; times in telephone seconds. Exactly one of `script` and `twiml` is set."""

    to: str
    from_: str
    script: Target | None = None
    twiml: str | None = None
    fallback: Target | None = None
    status_callback: Target | None = None
    events: frozenset[str] = frozenset({"completed"})
    ring_timeout_seconds: int = 60
    time_limit_seconds: int = 14_400
    machine_detection: MachineDetection | None = None
    machine_detection_timeout_seconds: int = 30
    detects_in_background: bool = False
    detection_callback: Target | None = None
