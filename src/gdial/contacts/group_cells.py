"""Group names out of a list's cells."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gdial.contacts.limits import MAX_GROUP_CHARACTERS, MAX_GROUPS
from gdial.contacts.rows import clean_text
from gdial.errors import Worded

MAX_REMEMBERED_CELLS = 10_000

_NAME_OR_SEPARATOR = re.compile(r'\s*"((?:[^"]|"")+)"\s*(?=[,;|\n\r]|:::|$)|((?:(?!:::)[^,;|\n\r])+)|:::|[,;|\n\r]')
"""A name, in quotes where a separator is part of it, or a separator."""

_NEEDS_QUOTES = re.compile(r'[,;|"]|:::')
GROUPS_SEPARATOR = "; "


class GroupCells:
    """Splits cells into group names. Equal cells are split once and share one tuple, which keeps long lists small."""

    def __init__(self) -> None:
        self._remembered: dict[str, tuple[tuple[str, ...], str]] = {}

    def read(self, text: str) -> tuple[tuple[str, ...], str]:
        """The groups of a cell, each once in its first spelling, and what is wrong with the cell ("" if nothing)."""
        found = self._remembered.get(text)
        if found is None:
            found = split_groups(text)
            if len(self._remembered) < MAX_REMEMBERED_CELLS:
                self._remembered[text] = found
        return found


def split_groups(text: str) -> tuple[tuple[str, ...], str]:
    names = unite_groups([clean_text(_name_of(found)) for found in _NAME_OR_SEPARATOR.finditer(text)])
    short = tuple(name for name in names if len(name) <= MAX_GROUP_CHARACTERS)
    if len(short) < len(names):
        return short[:MAX_GROUPS], Worded(
            "the name of a group is longer than {most} characters", most=MAX_GROUP_CHARACTERS
        )
    if len(names) > MAX_GROUPS:
        return names[:MAX_GROUPS], Worded("there are more than {most} groups in one cell", most=MAX_GROUPS)
    return names, ""


def join_groups(names: Iterable[str]) -> str:
    """A cell that `split_groups` reads back."""
    return GROUPS_SEPARATOR.join(_quoted(name) for name in names)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if _NEEDS_QUOTES.search(name) else name


def _name_of(found: re.Match[str]) -> str:
    return found[1].replace('""', '"') if found[1] else found[2] or ""


def unite_groups(names: list[str]) -> tuple[str, ...]:
    """Each group once; "Skolan" and "skolan" are the same group, in the spelling that comes first."""
    by_name: dict[str, str] = {}
    for name in names:
        if name:
            by_name.setdefault(name.casefold(), name)
    return tuple(by_name.values())
