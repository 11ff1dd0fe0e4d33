"""Mistakes in the files and bodies that people write for the simulator, told with their place and a right example."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gdial.errors import InvalidInput


def read_json_file(path: Path, noun: str, example: str) -> Any:
    """The parsed file; raises `InvalidInput` naming the file, and the line where it stops being JSON."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"the {noun} cannot be read: {error}", where=str(path)) from error
    return read_json(text, noun, example, where=str(path))


def read_json(text: str, noun: str, example: str, *, where: str = "") -> Any:
    """The parsed text; raises `InvalidInput` with the line and column where it stops being JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the {noun} is no JSON: {error}", where=where, example=example) from error


def explain_mistake(error: ValidationError, where: str, example: str, kinds: Collection[str]) -> InvalidInput:
    """The first mistake in plain words; `kinds` are the values of `does` that are allowed."""
    details = error.errors(include_url=False)
    first = details[0]
    place = _spell_place(first["loc"], kinds)
    reason = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        place, reason = f"{place}.does", f"must be one of {', '.join(kinds)}"
    if first["type"] == "extra_forbidden":
        reason = "is no field here; look at the spelling"
    if len(details) > 1:
        reason += f" ({len(details) - 1} more wrong)"
    return InvalidInput(reason, where=": ".join(part for part in (where, place.lstrip(".")) if part), example=example)


def _spell_place(location: tuple[int | str, ...], kinds: Collection[str]) -> str:
    """Write `people[2].calls[0].keys`, leaving out the tags and marks that only the validator knows."""
    text = ""
    for index, part in enumerate(location):
        after_number = index > 0 and isinstance(location[index - 1], int)
        if isinstance(part, int):
            text += f"[{part}]"
        elif not (part == "[key]" or (after_number and part in kinds)):
            text += f".{part}"
    return text
