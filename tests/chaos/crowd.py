"""The people of a trial, and what their telephones do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gdial.simulator.people.profile import default_profile

BAD_NUMBERS = "+467099"
"""Who has a number that begins so has one that does not exist: its creates are refused."""
BAD_EVERY, SECOND_NUMBER_EVERY = 50, 4


@dataclass(frozen=True, slots=True)
class Crowd:
    """Names with their numbers, in the order of ringing."""

    people: Mapping[str, tuple[str, ...]]

    @property
    def name_by_number(self) -> dict[str, str]:
        return {number: name for name, numbers in self.people.items() for number in numbers}

    def can_be_rung(self, name: str) -> list[str]:
        return [number for number in self.people[name] if not number.startswith(BAD_NUMBERS)]

    def as_csv(self) -> bytes:
        lines = ["Namn;Grupp;Telefon 1;Telefon 2"]
        lines += [
            ";".join([name, "Alla", *numbers, *[""] * (2 - len(numbers))]) for name, numbers in self.people.items()
        ]
        return "\n".join(lines).encode()


def crowd_of(count: int) -> Crowd:
    """Fictional people; the numbers are well formed, and the network is simulated."""
    return Crowd({f"Person {place}": _numbers(place) for place in range(count)})


def _numbers(place: int) -> tuple[str, ...]:
    first = f"{BAD_NUMBERS if place % BAD_EVERY == 0 else '+467010'}{place:05d}"
    has_second = place % SECOND_NUMBER_EVERY == 0
    return (first, f"+467020{place:05d}") if has_second else (first,)


def profile() -> dict[str, Any]:
    """The built-in night, but for the bad numbers: which they are is told by the number, so that it can be checked."""
    night = default_profile().model_dump(mode="json")
    people = [kind for kind in night["people"] if kind["calls"][0]["does"] != "bad_number"]
    bad = {"name": "bad number", "calls": [{"does": "bad_number", "found": "at_create", "code": 21211}]}
    return {"description": "Chaos", "people": people, "prefixes": {BAD_NUMBERS: [bad]}}
