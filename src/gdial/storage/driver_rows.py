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
    """The statement in the driver's own words, with portions of the rows in its own values.

    Where `is_plain`, all the statement says is that these rows go into these columns of the table: they may be copied.
    """

    sql: str
    portions: Sequence[Sequence[Row]]
    table: str
    columns: Sequence[str]
    is_plain: bool


def driver_rows(dialect: Dialect, insert: Insert, rows: Sequence[Row]) -> DriverRows:
    """Each row has a value for every column of the table, in the order of its columns."""
    portions = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        by_column = zip(*rows[start : start + ROWS_AT_ONCE], strict=True)
        values = [_bind(column, dialect, given) for column, given in zip(insert.table.c, by_column, strict=True)]
        portions.append(list(zip(*values, strict=True)))
    columns = [column.name for column in insert.table.c]
    # A dialect's own insert says what happens to rows that are there already.
    return DriverRows(
        str(insert.compile(dialect=dialect)), portions, insert.table.name, columns, is_plain=type(insert) is Insert
    )


def _bind(column: ColumnClause[Any], dialect: Dialect, values: Sequence[Any]) -> Iterable[Any]:
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    return values if bind is None else map(bind, values)
