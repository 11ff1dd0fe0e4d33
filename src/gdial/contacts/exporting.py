"""The guard against spreadsheet formulas in text that leaves GDial as CSV.

A text cell that begins like a formula gets an apostrophe (https://owasp.org/www-community/attacks/CSV_Injection).
Columns of E.164 numbers are exempt: their plus begins no formula that does harm, and other programs read them.
"""

from __future__ import annotations

import re

_BEGINS_LIKE_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard_formula(text: str) -> str:
    """The text, with an apostrophe before it when a spreadsheet could take it for a formula."""
    return "'" + text if _BEGINS_LIKE_FORMULA.match(text) else text


def unguard_formula(text: str) -> str:
    """Takes away what `guard_formula` put before a text; any other text is returned as it is."""
    return text[1:] if _GUARDED.match(text) else text
