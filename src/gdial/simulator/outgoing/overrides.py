"""Connection overrides: how a webhook asks, in the fragment of its URL, to be delivered.

`https://example.com/voice#rc=3&rp=ct,rt,5xx` means three retries, on connect failures, read time-outs and 5xx answers.
Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urldefrag

CONNECT, READ, CLIENT_ERROR, SERVER_ERROR = "ct", "rt", "4xx", "5xx"
POLICIES = frozenset({CONNECT, READ, CLIENT_ERROR, SERVER_ERROR})
BOUNDS = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
FIELDS = {"ct": "connect_ms", "rt": "read_ms", "tt": "total_ms", "rc": "retries"}
ACCEPTED_UNUSED = frozenset({"e", "edge", "sni"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """How one webhook is delivered; times in real milliseconds, never scaled by the network's speed."""

    connect_ms: int = 5_000
    read_ms: int = 15_000
    total_ms: int = 15_000
    """For all tries together."""
    retries: int = 1
    retry_on: frozenset[str] = field(default_factory=lambda: frozenset({CONNECT}))


def split_overrides(url: str) -> tuple[str, Overrides, list[str]]:
    """The URL without its fragment, what the fragment asks for, and complaints about what it could not mean."""
    bare, fragment = urldefrag(url)
    overrides, complaints = Overrides(), []
    for pair in fragment.split("&") if fragment else []:
        name, _, value = pair.partition("=")
        try:
            overrides = _apply(overrides, name, value)
        except ValueError as error:
            complaints.append(f"connection override {pair!r} is ignored: {error}")
    return bare, overrides, complaints


def _apply(overrides: Overrides, name: str, value: str) -> Overrides:
    if name == "rp":
        return replace(overrides, retry_on=_read_policy(value))
    if name in ACCEPTED_UNUSED:
        return overrides
    if name not in BOUNDS:
        raise ValueError("unknown; known are ct, rt, tt, rc, rp, e and sni")
    lowest, highest = BOUNDS[name]
    if not (value.isascii() and value.isdecimal() and lowest <= int(value) <= highest):
        raise ValueError(f"must be a whole number from {lowest} to {highest}")
    changed: dict[str, int] = {FIELDS[name]: int(value)}
    return replace(overrides, **changed)  # type: ignore[arg-type]  # the four fields of FIELDS are all whole numbers


def _read_policy(value: str) -> frozenset[str]:
    names = frozenset(value.split(","))
    if "all" in names:
        return POLICIES
    if not names <= POLICIES:
        raise ValueError("must be 4xx, 5xx, ct, rt or all, separated by commas")
    return names
