"""Long lists cut to what one statement may carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

IDS_IN_ONE_STATEMENT = 5_000
"""PostgreSQL takes at most 32,767 parameters in a statement, SQLite 32,766."""

T = TypeVar("T")


def in_batches(items: Sequence[T], size: int = IDS_IN_ONE_STATEMENT) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
