"""The things a phone's owner can do when it is called, as written in a profile.

Every time is in telephone seconds, written as one number or as `[shortest, longest]`, between which each call draws.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

KEYS = re.compile(r"[0-9*#]{1,20}")
ONE_DAY_SECONDS = 86_400


def _read_range(value: Any) -> tuple[float, float]:
    ends = value if isinstance(value, list | tuple) else [value, value]
    if len(ends) != 2 or not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
        raise ValueError("must be a number of seconds or [shortest, longest], such as 5 or [3, 9]")
    shortest, longest = float(ends[0]), float(ends[1])
    if not 0 <= shortest <= longest <= ONE_DAY_SECONDS:
        raise ValueError("must lie between 0 and 86400 seconds, the shortest first, such as [3, 9]")
    return shortest, longest


def _read_keys(weights: dict[str, float]) -> dict[str, float]:
    for keys, weight in weights.items():
        if not KEYS.fullmatch(keys):
            raise ValueError(f"{keys!r} cannot be pressed; keys are 0-9, * and #, such as '1' or '12#'")
        if weight < 0:
            raise ValueError(f"the weight of {keys!r} is below zero")
    if sum(weights.values()) <= 0:
        raise ValueError('needs a key with a weight above zero, such as {"1": 90, "2": 10}')
    return weights


Seconds = Annotated[tuple[float, float], BeforeValidator(_read_range)]
KeyWeights = Annotated[dict[str, float], AfterValidator(_read_keys)]


class _Behaviour(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Press(_Behaviour):
    """Answers and presses a key; asked again by a later Gather, answers again."""

    does: Literal["press"] = "press"
    answers_after_seconds: Seconds = (3.0, 15.0)
    keys: KeyWeights = {"1": 1.0}
    presses_after_seconds: Seconds = (2.0, 8.0)
    """Counted from the first sound of the prompt, or from its end when `hears_all` is set."""
    hears_all: bool = False
    wrong_keys: KeyWeights | None = None
    """Pressed once, before the right one."""
    answers_again: Annotated[int, Field(ge=0, le=20)] = 2
    hangs_up_after_seconds: Seconds | None = None
    """Counted from the answer; none stays until the other side hangs up."""


class Listen(_Behaviour):
    """Answers and presses nothing."""

    does: Literal["listen"] = "listen"
    answers_after_seconds: Seconds = (3.0, 15.0)
    hangs_up_after_seconds: Seconds | None = None


class HangUp(_Behaviour):
    """Answers and hangs up in the middle."""

    does: Literal["hang_up"] = "hang_up"
    answers_after_seconds: Seconds = (3.0, 15.0)
    hangs_up_after_seconds: Seconds = (1.0, 6.0)


class Voicemail(_Behaviour):
    """Nobody answers; the mailbox does, presses nothing, and ends the recording after a while."""

    does: Literal["voicemail"] = "voicemail"
    after_seconds: Seconds = (25.0, 30.0)
    greeting_seconds: Seconds = (4.0, 9.0)
    leaves_after_seconds: Seconds = (60.0, 120.0)


class NoAnswer(_Behaviour):
    """Rings until the caller gives up."""

    does: Literal["no_answer"] = "no_answer"


class Busy(_Behaviour):
    """Is engaged; the phone does not ring."""

    does: Literal["busy"] = "busy"
    after_seconds: Seconds = (0.5, 2.0)


class Reject(_Behaviour):
    """Rings, and the owner declines the call."""

    does: Literal["reject"] = "reject"
    after_seconds: Seconds = (2.0, 10.0)


class BadNumber(_Behaviour):
    """No such number: refused when the call is created, or found out when it is dialled."""

    does: Literal["bad_number"] = "bad_number"
    found: Literal["at_create", "when_dialled"] = "at_create"
    code: Literal[21211, 21214, 21215, 21216, 21217] = 21211
    """The code of the refusal; counts with `at_create` only."""
    after_seconds: Seconds = (0.5, 2.0)
    """How long dialling takes; counts with `when_dialled` only."""


Behaviour = Annotated[
    Press | Listen | HangUp | Voicemail | NoAnswer | Busy | Reject | BadNumber, Field(discriminator="does")
]
BEHAVIOUR_NAMES = ("press", "listen", "hang_up", "voicemail", "no_answer", "busy", "reject", "bad_number")
