"""What a look at one part came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    NOT_SET_UP = "not set up"
    """Nothing is wrong: this installation does without."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` says what to do; "" when nothing is to be done."""

    part: str
    verdict: Verdict
    detail: str
    mend: str = ""


def fine(part: str, detail: str) -> Finding:
    return Finding(part, Verdict.OK, detail)


def absent(part: str, detail: str) -> Finding:
    return Finding(part, Verdict.NOT_SET_UP, detail)


def fault(part: str, detail: str, mend: str) -> Finding:
    return Finding(part, Verdict.FAULT, detail, mend)
