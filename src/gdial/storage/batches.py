"""Long lists cut to what one statement may carry."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from gdial.storage.transaction import Transaction

REST_SECONDS = 0.005
IDS_IN_ONE_STATEMENT = 5_000
"""PostgreSQL takes at most 32,767 parameters in a statement, SQLite 32,766."""

T = TypeVar("T")


async def let_others_work() -> None:
    """Between portions of long work: calls wait for nothing but the portion.

    A bare `sleep(0)` would let each of them take a single step, and a webhook takes a dozen.
    """
    await asyncio.sleep(REST_SECONDS)


def in_batches(items: Sequence[T], size: int = IDS_IN_ONE_STATEMENT) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def one_of(tx: Transaction, column: ColumnElement[T], values: Sequence[T]) -> ColumnElement[bool]:
    """The column holds one of these values, at most IDS_IN_ONE_STATEMENT.

    PostgreSQL compares a row with each of a long list of parameters in turn; an array it can look up.
    """
    if tx.dialect.name != "postgresql":
        return column.in_(values)
    array: Any = bindparam(None, list(values), ARRAY(column.type), unique=True)
    return column.in_(select(func.unnest(array)))
