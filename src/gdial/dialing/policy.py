"""How insistently a run rings, and what counts as reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from gdial.errors import InvalidInput, Worded


class ReachedWhen(StrEnum):
    """What proves that a person was reached; every report shows which."""

    KEY = "key"
    ANSWERED = "answered"


BOUNDS = {
    "ring_timeout_seconds": (5, 600),
    "rounds": (1, 20),
    "wait_between_numbers_seconds": (0, 3600),
    "wait_between_rounds_seconds": (0, 86_400),
    "deadline_minutes": (1, 10_080),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Seconds and minutes as the names say; `rounds` counts passes over all of a person's numbers."""

    ring_timeout_seconds: int = 25
    rounds: int = 3
    wait_between_numbers_seconds: int = 5
    wait_between_rounds_seconds: int = 120
    reached_when: ReachedWhen = ReachedWhen.KEY
    deadline_minutes: int = 60

    def to_json(self) -> dict[str, int | str]:
        return {**asdict(self), "reached_when": self.reached_when.value}


def read_policy(given: Mapping[str, object], default: Policy) -> Policy:
    """The default with what was given put over it.

    Raises InvalidInput naming the field: an unknown one, a value of the wrong kind, or one out of bounds.
    """
    known = {field.name for field in fields(Policy)}
    for name in given:
        if name not in known:
            raise InvalidInput(
                Worded("unknown; a policy has {fields}", fields=", ".join(sorted(known))), where=f"policy.{name}"
            )
    values = {name: _read_value(name, value) for name, value in given.items()}
    return Policy(**{**{field: getattr(default, field) for field in known}, **values})


def _read_value(name: str, value: object) -> int | ReachedWhen:
    where = f"policy.{name}"
    if name == "reached_when":
        try:
            return ReachedWhen(str(value))
        except ValueError:
            raise InvalidInput(
                Worded("{value!r} is not one of key, answered", value=value), where=where, example="key"
            ) from None
    low, high = BOUNDS[name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        default = getattr(Policy(), name)
        raise InvalidInput(
            Worded("{value!r} is not a whole number from {low} to {high}", value=value, low=low, high=high),
            where=where,
            example=str(default),
        )
    return value
