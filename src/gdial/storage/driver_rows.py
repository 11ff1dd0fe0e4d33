"""Rows as the database's driver takes them, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnClause, Dialect, Insert

ROWS_AT_ONCE = 2_000

Row = tuple[Any, ...]


def driver_rows(dialect: Dialect, insert: Insert, rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The statement in the driver's own words, with portions of the rows in its own values."""
    sql = str(insert.compile(dialect=dialect))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        by_column = zip(*rows[start : start + ROWS_AT_ONCE], strict=True)
        values = [_bind(column, dialect, given) for column, given in zip(insert.table.c, by_column, strict=True)]
        yield sql, list(zip(*values, strict=True))


def _bind(column: ColumnClause[Any], dialect: Dialect, values: Sequence[Any]) -> Iterable[Any]:
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    return values if bind is None else map(bind, values)
