"""What goes over the pipes between GDial and its speech processes: facts as JSON, sound as raw bytes.

A frame is two 32-bit big-endian lengths, the JSON, then the sound. No pickle: a process that speaks foreign text
through a C library must not be able to run code in the one that asked it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gdial.errors import GDialError, InvalidInput, SpeechUnavailable

LENGTHS = struct.Struct(">II")
LARGEST_FRAME = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """`facts` are JSON values; `sound` is whatever bytes they describe."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    sound: bytes = b""

    def pack(self) -> bytes:
        facts = json.dumps(self.facts).encode()
        return LENGTHS.pack(len(facts), len(self.sound)) + facts + self.sound


def unpack_lengths(head: bytes) -> tuple[int, int]:
    """The lengths of facts and sound. Raises `ValueError` for what cannot be a frame's head."""
    facts, sound = LENGTHS.unpack(head)
    if facts + sound > LARGEST_FRAME:
        raise ValueError(f"a frame of {facts + sound} bytes is larger than {LARGEST_FRAME}")
    return facts, sound


def unpack_facts(facts: bytes) -> dict[str, Any]:
    """Raises `ValueError` for anything but a JSON object."""
    value = json.loads(facts)
    if not isinstance(value, dict):
        raise ValueError("the facts of a frame must be a JSON object")
    return value


def error_frame(error: Exception) -> Frame:
    """An error's own words; what only a programmer can have caused becomes "unavailable" with its type."""
    if isinstance(error, InvalidInput):
        return Frame({"invalid": {"reason": error.reason, "where": error.where, "example": error.example}})
    text = str(error) if isinstance(error, GDialError) else f"{type(error).__name__}: {error}"
    return Frame({"unavailable": text})


def raise_error(frame: Frame) -> None:
    """Raises the error that `error_frame` packed; returns for a frame that is none."""
    if "invalid" in frame.facts:
        told = frame.facts["invalid"]
        raise InvalidInput(told["reason"], where=told["where"], example=told["example"])
    if "unavailable" in frame.facts:
        raise SpeechUnavailable(frame.facts["unavailable"])
