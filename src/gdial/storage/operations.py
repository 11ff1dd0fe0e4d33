"""Statements that several pieces of work in one transaction share, made from the statement for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, Update, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.transaction import Operation, Transaction

Values = dict[str, Any]


def updating(statement: Update) -> Operation[Values, None]:
    """One row each, named by the statement's own parameters; what else is given are the columns to change."""

    async def one(tx: Transaction, values: Values) -> None:
        await tx.execute(statement, values)

    async def many(tx: Transaction, all_values: Sequence[Values]) -> Sequence[None]:
        by_columns: dict[frozenset[str], list[Values]] = {}
        for values in all_values:
            by_columns.setdefault(frozenset(values), []).append(values)
        for alike in by_columns.values():
            await tx.execute(statement, alike)
        return [None] * len(all_values)

    return Operation(one, many)


def inserting_if_new(table: Table, key: Sequence[str]) -> Operation[Values, bool]:
    """Whether the row is new; one that is there already stays as it was. Each value of `Values` is a column."""
    alone = {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }
    from_arrays = select(
        *[func.unnest(bindparam(column.name, type_=postgresql.ARRAY(column.type))) for column in table.c]
    )
    together = (
        postgresql.insert(table)
        .from_select([column.name for column in table.c], from_arrays)
        .on_conflict_do_nothing()
        .returning(*[table.c[name] for name in key])
    )

    async def one(tx: Transaction, values: Values) -> bool:
        return (await tx.execute(alone[tx.dialect.name], values)).rowcount == 1

    async def many(tx: Transaction, all_values: Sequence[Values]) -> Sequence[bool]:
        arrays = {column.name: [values[column.name] for values in all_values] for column in table.c}
        new = {tuple(row) for row in await tx.execute(together, arrays)}
        return [tuple(values[name] for name in key) in new for values in all_values]

    return Operation(one, many)
