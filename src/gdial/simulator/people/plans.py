"""What one call will meet, drawn from a profile.

The draw depends on the seed, the number and how often it was called before, and on nothing else: not on the order of
calls, the time, the machine or the Python version (seeding `random.Random` with text hashes it with SHA-512).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from gdial.simulator.people.behaviours import BadNumber, Behaviour, Busy, NoAnswer, Press, Reject, Voicemail
from gdial.simulator.people.profile import Person, Profile


@dataclass(frozen=True, slots=True)
class PlannedPress:
    """Some keys, and how long after hearing the prompt they are pressed."""

    keys: str
    after_seconds: float


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One call as it will go unless the caller does something else; times in telephone seconds.

    `phone_acts_after_seconds` counts from ringing (from dialling for a busy or dead number); none never acts.
    """

    person: str
    does: str
    phone_acts_after_seconds: float | None
    refused_with: int | None = None
    presses: tuple[PlannedPress, ...] = ()
    hears_all: bool = False
    hangs_up_after_seconds: float | None = None
    greeting_seconds: float = 0.0


def draw_plan(profile: Profile, seed: int, number: str, earlier_calls: int) -> CallPlan:
    """The plan of the call to `number` after `earlier_calls` others."""
    mixture = _find_mixture(profile, number)
    # The owner stays the same person at every call; only the details of the call are drawn anew.
    person = _seeded(seed, number).choices(mixture, [one.weight for one in mixture])[0]
    behaviour = person.calls[min(earlier_calls, len(person.calls) - 1)]
    return plan_behaviour(behaviour, person.name or behaviour.does, _seeded(seed, number, earlier_calls))


def plan_scripted(behaviour: Behaviour, seed: int, number: str, earlier_calls: int) -> CallPlan:
    """The plan of a call whose behaviour was given by hand."""
    return plan_behaviour(behaviour, "scripted", _seeded(seed, number, earlier_calls))


def plan_behaviour(behaviour: Behaviour, person: str, chance: Random) -> CallPlan:
    """Draw the times and keys of one behaviour."""
    match behaviour:
        case BadNumber(found="at_create"):
            return CallPlan(person, behaviour.does, None, refused_with=behaviour.code)
        case BadNumber() | Busy() | Reject():
            return CallPlan(person, behaviour.does, chance.uniform(*behaviour.after_seconds))
        case NoAnswer():
            return CallPlan(person, behaviour.does, None)
        case Voicemail():
            return CallPlan(
                person,
                behaviour.does,
                chance.uniform(*behaviour.after_seconds),
                greeting_seconds=chance.uniform(*behaviour.greeting_seconds),
                hangs_up_after_seconds=chance.uniform(*behaviour.leaves_after_seconds),
            )
    leaves = behaviour.hangs_up_after_seconds
    return CallPlan(
        person,
        behaviour.does,
        chance.uniform(*behaviour.answers_after_seconds),
        hangs_up_after_seconds=None if leaves is None else chance.uniform(*leaves),
        presses=_plan_presses(behaviour, chance) if isinstance(behaviour, Press) else (),
        hears_all=isinstance(behaviour, Press) and behaviour.hears_all,
    )


def _plan_presses(behaviour: Press, chance: Random) -> tuple[PlannedPress, ...]:
    right = _choose_keys(behaviour.keys, chance)
    keys = [right] * (1 + behaviour.answers_again)
    if behaviour.wrong_keys:
        keys.insert(0, _choose_keys(behaviour.wrong_keys, chance))
    return tuple(PlannedPress(one, chance.uniform(*behaviour.presses_after_seconds)) for one in keys)


def _choose_keys(weights: Mapping[str, float], chance: Random) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _find_mixture(profile: Profile, number: str) -> Sequence[Person]:
    if number in profile.numbers:
        return (profile.numbers[number],)
    matching = [prefix for prefix in profile.prefixes if number.startswith(prefix)]
    return profile.prefixes[max(matching, key=len)] if matching else profile.people


def _seeded(*parts: object) -> Random:
    return Random(":".join(str(part) for part in parts))  # noqa: S311 (repeatable on purpose, guards no secret)
