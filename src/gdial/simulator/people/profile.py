"""A profile: the mixture of people behind the phones, read from JSON."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gdial.simulator.explaining import explain_mistake, read_json_file
from gdial.simulator.people.behaviours import BEHAVIOUR_NAMES, Behaviour

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
PREFIX = re.compile(r"\+[0-9]{0,14}")
EXAMPLE = '{"people": [{"weight": 1, "calls": [{"does": "press", "keys": {"1": 1}}]}]}'


def _read_number(text: str) -> str:
    if not E164.fullmatch(text):
        raise ValueError(f"{text!r} is no phone number in E.164, such as '+46701234567'")
    return text


def read_prefix(text: str) -> str:
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
    prefixes: dict[Annotated[str, AfterValidator(read_prefix)], Mixture] = {}
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
    data = read_json_file(path, "profile", EXAMPLE)
    return parse_profile(data, where=str(path))


def parse_profile(data: Any, *, where: str = "") -> Profile:
    """Make a profile of parsed JSON; raises `InvalidInput` naming the field."""
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        raise explain_mistake(error, where, EXAMPLE, BEHAVIOUR_NAMES) from error


def parse_behaviours(data: Any) -> tuple[Behaviour, ...]:
    """Make behaviours of a parsed JSON list; raises `InvalidInput` naming the field."""
    try:
        return _behaviours.validate_python(data)
    except ValidationError as error:
        example = '[{"does": "press", "keys": {"1": 1}}]'
        raise explain_mistake(error, "calls", example, BEHAVIOUR_NAMES) from error
