"""A profile: the mixture of people behind the phones, read from JSON."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gdial.errors import InvalidInput
from gdial.simulator.people.behaviours import BEHAVIOUR_NAMES, Behaviour

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
PREFIX = re.compile(r"\+[0-9]{0,14}")
EXAMPLE = '{"people": [{"weight": 1, "calls": [{"does": "press", "keys": {"1": 1}}]}]}'


def _read_number(text: str) -> str:
    if not E164.fullmatch(text):
        raise ValueError(f"{text!r} is no phone number in E.164, such as '+46701234567'")
    return text


def _read_prefix(text: str) -> str:
    if not PREFIX.fullmatch(text):
        raise ValueError(f"{text!r} is no beginning of a number in E.164, such as '+4670'")
    return text


class Person(BaseModel):
    """One kind of owner; `calls` says what happens at the first call, the second, …; the last one repeats."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    weight: Annotated[float, Field(gt=0)] = 1.0
    calls: Annotated[tuple[Behaviour, ...], Field(min_length=1)]


Mixture = Annotated[tuple[Person, ...], Field(min_length=1)]


class Profile(BaseModel):
    """Who answers: a mixture for everyone, mixtures for prefixes (the longest wins), and people for exact numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = ""
    people: Mixture
    prefixes: dict[Annotated[str, AfterValidator(_read_prefix)], Mixture] = {}
    numbers: dict[Annotated[str, AfterValidator(_read_number)], Person] = {}


_behaviours: TypeAdapter[tuple[Behaviour, ...]] = TypeAdapter(
    Annotated[tuple[Behaviour, ...], Field(min_length=1, max_length=1000)]
)


def default_profile() -> Profile:
    """The built-in Swedish night."""
    text = resources.files("gdial.simulator").joinpath("profiles/default.json").read_text(encoding="utf-8")
    return Profile.model_validate_json(text)


def read_profile(path: Path) -> Profile:
    """Read a profile file; raises `InvalidInput` naming the file and the field."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"the profile cannot be read: {error}", where=str(path)) from error
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"the profile is no JSON: {error}", where=str(path), example=EXAMPLE) from error
    return parse_profile(data, where=str(path))


def parse_profile(data: Any, *, where: str = "") -> Profile:
    """Make a profile of parsed JSON; raises `InvalidInput` naming the field."""
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        raise _explain(error, where, EXAMPLE) from error


def parse_behaviours(data: Any) -> tuple[Behaviour, ...]:
    """Make behaviours of a parsed JSON list; raises `InvalidInput` naming the field."""
    try:
        return _behaviours.validate_python(data)
    except ValidationError as error:
        raise _explain(error, "calls", '[{"does": "press", "keys": {"1": 1}}]') from error


def _explain(error: ValidationError, where: str, example: str) -> InvalidInput:
    details = error.errors(include_url=False)
    first = details[0]
    place = _spell_place(first["loc"])
    reason = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        place, reason = f"{place}.does", f"must be one of {', '.join(BEHAVIOUR_NAMES)}"
    if first["type"] == "extra_forbidden":
        reason = "is no field here; look at the spelling"
    if len(details) > 1:
        reason += f" ({len(details) - 1} more wrong)"
    return InvalidInput(reason, where=": ".join(part for part in (where, place.lstrip(".")) if part), example=example)


def _spell_place(location: tuple[int | str, ...]) -> str:
    """Write `people[2].calls[0].keys`, leaving out the tags and marks that only the validator knows."""
    text = ""
    for index, part in enumerate(location):
        after_number = index > 0 and isinstance(location[index - 1], int)
        if isinstance(part, int):
            text += f"[{part}]"
        elif not (part == "[key]" or (after_number and part in BEHAVIOUR_NAMES)):
            text += f".{part}"
    return text
