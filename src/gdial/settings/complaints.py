"""What is allowed in a setting, in words, and what is said when something else was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gdial.errors import InvalidSetting, InvalidSettings


def told(field: FieldInfo, key: str) -> str:
    """What `setting()` keeps beside a field: its `unit`, `form` or `shown_default`."""
    extra = field.json_schema_extra
    return str(extra[key]) if isinstance(extra, dict) else ""


def example_of(field: FieldInfo) -> str:
    return str((field.examples or [""])[0])


def value_type(annotation: Any) -> Any:
    """The type of one value, without `None`, annotations and the tuple around it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return value_type(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return value_type(next(part for part in get_args(annotation) if part is not type(None)))
    if origin is tuple:
        return value_type(get_args(annotation)[0])
    return annotation


def is_secret(field: FieldInfo) -> bool:
    return value_type(field.annotation) is SecretStr


def allowed(field: FieldInfo) -> str:
    """What is allowed, as words that follow "must be"; "" where any text will do."""
    kind = value_type(field.annotation)
    if get_origin(kind) is Literal:
        words = ", ".join(get_args(kind))
        return f"a comma list of: {words}" if get_origin(field.annotation) is tuple else f"one of: {words}"
    if kind in (int, float):
        noun = "a whole number" if kind is int else "a number"
        return " ".join(part for part in (noun, _span(field), told(field, "unit")) if part)
    return told(field, "form") or ("a path" if kind is Path else "")


def _span(field: FieldInfo) -> str:
    lowest = next((rule.ge for rule in field.metadata if isinstance(rule, Ge)), None)
    above = next((rule.gt for rule in field.metadata if isinstance(rule, Gt)), None)
    highest = next(rule.le for rule in field.metadata if isinstance(rule, Le))
    return f"above {above}, up to {highest}" if lowest is None else f"from {lowest} to {highest}"


def complaints(error: ValidationError, fields: Mapping[str, FieldInfo]) -> list[InvalidSetting]:
    """One complaint for each setting that pydantic refused."""
    found: dict[str, InvalidSetting] = {}
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0])
        if detail["type"] != "default_factory_not_called" and name not in found:
            found[name] = _complaint(name, fields[name], detail)
    return list(found.values())


def _complaint(name: str, field: FieldInfo, detail: ErrorDetails) -> InvalidSetting:
    if detail["type"] == "value_error":
        reason = str(detail["ctx"]["error"])
    else:
        given = "" if is_secret(field) else f", not {detail['input']!r}"
        reason = f"must be {allowed(field) or 'text'}{given}"
    return InvalidSetting(reason, where=name.upper(), example=example_of(field))


def raise_all(problems: Sequence[InvalidSetting]) -> None:
    """Raise the problem, or all of them as one; nothing when there is none."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InvalidSettings(problems)
