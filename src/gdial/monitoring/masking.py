"""What no log line may hold: whole phone numbers, pressed keys and secrets.

Best effort, by form and by name: a number without its `+`, or a secret under a harmless name, is not recognised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

HIDDEN = "[hidden]"

_HIDDEN_NAME = r"(?:token|password|passwd|secret|authorization|digits|api[-_]?key|cookie)"
_SECRET_KEY = re.compile(_HIDDEN_NAME, re.IGNORECASE)
_PHONE_NUMBER = re.compile(r"(\+|%2B)(\d{2})(\d{4,})(\d{2})(?!\d)", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(://[^/\s:@]*):[^/\s@]+@")
_CREDENTIALS = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE)
# `token=abc`, `"Digits": "1"`, `Authorization: Bearer abc`: the name stays, its value goes.
_NAMED_SECRET = re.compile(
    rf"""({_HIDDEN_NAME}[\w-]*["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|(?:(?:Bearer|Basic)\s+)?[^\s&,;)}}\]]+)""",
    re.IGNORECASE,
)


def mask_text(text: str) -> str:
    """The text with its phone numbers shortened (`+46*******67`) and its secrets hidden."""
    # The plain looks first: most texts are short words, and a line may be written for each of 100,000 calls.
    if "@" in text:
        text = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    if "=" in text or ":" in text:
        text = _NAMED_SECRET.sub(rf"\1{HIDDEN}", text)
    if " " in text:
        text = _CREDENTIALS.sub(rf"\1 {HIDDEN}", text)
    return _PHONE_NUMBER.sub(_shortened, text) if "+" in text or "%2" in text else text


def _shortened(match: re.Match[str]) -> str:
    plus, country, middle, end = match.groups()
    return f"{plus}{country}{'*' * len(middle)}{end}"


def mask(value: Any) -> Any:
    """The value with every text in it masked, however deep; what is neither text, number nor container becomes text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {mask_text(str(key)): mask_entry(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [mask(inner) for inner in value]
    return mask_text(str(value))


def mask_entry(key: str, value: Any) -> Any:
    """The masked value of a named entry; hidden altogether when the name says that it is a secret."""
    return HIDDEN if value is not None and _names_a_secret(key) else mask(value)


@lru_cache(maxsize=1024)
def _names_a_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None
