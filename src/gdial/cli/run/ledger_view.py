"""The ledger of a run in lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CREATES = {
    "accepted": "accepted",
    "unknown": "unclear at first",
    "bad_number": "refused as bad numbers",
    "put_off": "put off",
    "account_refused": "refused for the account",
    "call_refused": "refused",
}
SETTLED = {
    "callback": "by the carrier's word",
    "list": "by its list",
    "answer": "by a late answer",
    "never_rang": "never rang",
    "late_call": "heard of after being given up",
}


def calls_line(ledger: Mapping[str, Any]) -> str:
    """How often the carrier was asked to ring, and what came of it."""
    attempts = ledger["now"]["attempts"]
    parts = [f"{number} {CREATES.get(name, name)}" for name, number in attempts["placing"].items()]
    line = f"attempts {attempts['attempts']}: " + (", ".join(parts) or "none")
    settled = [f"{number} {SETTLED.get(name, name)}" for name, number in attempts["settled"].items()]
    return line + (f" (settled: {', '.join(settled)})" if settled else "")


def late_line(ledger: Mapping[str, Any]) -> str:
    """What words after the end made better."""
    reached = ledger["now"]["people"]["reached"] - ledger["at_end"]["people"]["reached"]
    return f"after the end: {ledger['amended']} outcomes amended, {reached} more people reached"
