"""What is typed after `gdial run start`, turned into what the REST interface takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from gdial.errors import InvalidInput

KEY_EXAMPLE = "1=Coming:Thank you, see you then."
TIME_EXAMPLE = "04:00, 2026-03-01T04:00 or 2026-03-01T04:00+01:00"

_KEY = re.compile(r"\s*([0-9#*])\s*=\s*([^:]+?)\s*(?::\s*(.*?)\s*)?", re.DOTALL)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


def read_list(file: TextIO | None) -> str | None:
    """A list of names and numbers; its lines are read by GDial."""
    try:
        return None if file is None else file.read()
    except UnicodeDecodeError:
        raise InvalidInput("is no text in UTF-8", where="--list", example="people.txt") from None


def read_keys(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    """`1=Coming:Thank you` is the key, its meaning, and what is said back; a plain thank-you without the last."""
    keys: dict[str, dict[str, str]] = {}
    for text in texts:
        found = _KEY.fullmatch(text)
        if not found:
            raise InvalidInput(f"{text!r} is not a key and its meaning", where="--key", example=KEY_EXAMPLE)
        key, label, reply = found.groups()
        if key in keys:
            raise InvalidInput(f"key {key} is given twice", where="--key")
        keys[key] = {"label": label, "reply": reply or ""}
    return keys


def read_time(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """A time of day (the next one), or a date and time; without an offset it is in `zone`. Never in the past."""
    clock = _CLOCK.fullmatch(text.strip())
    here = now.astimezone(zone)
    if clock:
        time_of_day = here.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return time_of_day if time_of_day > here else time_of_day + timedelta(days=1)
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(f"{text!r} is not a time", where="--at", example=TIME_EXAMPLE) from None
    moment = given if given.tzinfo else given.replace(tzinfo=zone)
    if moment <= now:
        raise InvalidInput(f"{moment.isoformat()} has passed", where="--at", example=TIME_EXAMPLE)
    return moment


def check_choice(
    *, groups: Sequence[str], contacts: Sequence[str], others: bool = False, message: str | None, text: str | None
) -> None:
    """Somebody to ring, and one thing to say. `others`: whom neither a group nor a contact names."""
    if not groups and not contacts and not others:
        raise InvalidInput("say whom to ring", where="--group, --contact or --list", example='--group "Night shift"')
    check_one_content(message, text)


def check_one_content(message: str | None, text: str | None) -> None:
    """A saved message, or a text for this occasion."""
    if (message is None) == (text is None):
        both = "give one of them, not both" if message is not None else "say what to tell them"
        raise InvalidInput(both, where="--message or --text", example='--message "School closed"')


def check_text_only(message: str | None, keys: Sequence[str], language: str | None) -> None:
    """A saved message has its keys and its language."""
    if message is None:
        return
    for option, given in (("--key", keys), ("--language", language)):
        if given:
            raise InvalidInput("goes with --text; a saved message has its own", where=option)


def policy(
    rounds: int | None,
    ring_timeout: int | None,
    wait_between_numbers: int | None,
    wait_between_rounds: int | None,
    reached_when: str | None,
    deadline: int | None,
) -> dict[str, Any] | None:
    """Seconds, and minutes for the deadline."""
    given = drop_unset(
        rounds=rounds,
        ring_timeout_seconds=ring_timeout,
        wait_between_numbers_seconds=wait_between_numbers,
        wait_between_rounds_seconds=wait_between_rounds,
        reached_when=reached_when,
        deadline_minutes=deadline,
    )
    return given or None


def drop_unset(**values: Any) -> dict[str, Any]:
    """What was said; the rest is left to GDial's own defaults."""
    return {name: value for name, value in values.items() if value is not None}
