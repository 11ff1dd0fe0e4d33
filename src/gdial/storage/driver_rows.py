"""Rows as the database's driver takes them, many at a time: a quarter of what naming every single value costs.

Making them needs no transaction, so that one that writes many rows is short.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnClause, Dialect, Insert

ROWS_AT_ONCE = 2_000

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class DriverRows:
    """The statement in the driver's own words, with portions of the rows in its own values."""

    sql: str
    portions: Sequence[Sequence[Row]]


def driver_rows(dialect: Dialect, insert: Insert, rows: Sequence[Row]) -> DriverRows:
    """Each row has a value for every column of the table, in the order of its columns."""
    portions = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        by_column = zip(*rows[start : start + ROWS_AT_ONCE], strict=True)
        values = [_bind(column, dialect, given) for column, given in zip(insert.table.c, by_column, strict=True)]
        portions.append(list(zip(*values, strict=True)))
    return DriverRows(str(insert.compile(dialect=dialect)), portions)


def _bind(column: ColumnClause[Any], dialect: Dialect, values: Sequence[Any]) -> Iterable[Any]:
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    return values if bind is None else map(bind, values)
