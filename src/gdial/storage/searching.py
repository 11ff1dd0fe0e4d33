"""What a search term can mean, whichever list is searched."""

from __future__ import annotations

FEWEST_DIGITS_SEARCHED = 3
PHONE_SIGNS = frozenset("0123456789+-/() ")


def digits_searched(term: str) -> str | None:
    """The part of an E.164 number that a term in any spelling asks for; None when it asks for no number."""
    digits = "".join(sign for sign in term if sign.isdecimal()).lstrip("0")
    return digits if len(digits) >= FEWEST_DIGITS_SEARCHED and PHONE_SIGNS.issuperset(term) else None
