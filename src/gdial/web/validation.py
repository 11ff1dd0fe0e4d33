"""What is wrong with a request, field by field, in words for the one who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

MOST_ERRORS = 50
"""Further ones are left out of an answer."""

_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field here",
    "string_type": "must be text",
    "string_unicode": "holds a character that is no part of Unicode text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number with far fewer digits",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "list_type": "must be a list",
    "dict_type": "must be an object with named fields",
    "model_type": "must be an object with named fields",
    "model_attributes_type": "must be an object with named fields, sent as Content-Type: application/json",
    "uuid_type": "must be an id (UUID)",
    "uuid_parsing": "must be an id (UUID)",
    "timezone_aware": "must name its time zone",
}
_EXAMPLES = {
    "uuid_type": "6f1c8d3e-2b4a-4c5d-9e8f-0a1b2c3d4e5f",
    "uuid_parsing": "6f1c8d3e-2b4a-4c5d-9e8f-0a1b2c3d4e5f",
    "timezone_aware": "2026-03-01T04:00:00+01:00",
    "datetime_parsing": "2026-03-01T04:00:00+01:00",
    "datetime_from_date_parsing": "2026-03-01T04:00:00+01:00",
    "bool_type": "true",
    "bool_parsing": "true",
}
_PLACES = ("body", "query", "path", "header", "cookie")


class FieldError(TypedDict):
    """`field` is the way to it, such as `phone_numbers[0].number`; `example` is "" when the reason says it."""

    field: str
    reason: str
    example: str


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """pydantic's errors, told plainly, at most MOST_ERRORS; never what was sent."""
    told = [
        FieldError(field=_field(error), reason=_reason(error), example=_EXAMPLES.get(error["type"], ""))
        for error in list(errors)[:MOST_ERRORS]
    ]
    return [error for index, error in enumerate(told) if error not in told[:index]]


def field_path(location: Sequence[str | int]) -> str:
    """The way to a value: `("body", "phone_numbers", 0, "number")` is `phone_numbers[0].number`."""
    parts = list(location[1:] if location and location[0] in _PLACES else location)
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.removeprefix(".") or (str(location[0]) if location else "body")


def _field(error: Mapping[str, Any]) -> str:
    """Where JSON breaks off, pydantic gives a position instead of a way."""
    return "body" if error["type"] == "json_invalid" else field_path(error["loc"])


def _reason(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return f"is not JSON: {error.get('ctx', {}).get('error', 'it breaks off')}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    known = _REASONS.get(error["type"])
    return known or error["msg"].removeprefix("Input ").removeprefix("String ").removeprefix("Value ")
