"""System settings that were changed, and every change of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, true
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.database import Transaction
from gdial.storage.tables import setting_changes, system_settings


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A value of None is the default, whatever that was at the time."""

    id: UUID
    key: str
    old_value: Any
    new_value: Any
    changed_at: datetime
    changed_by: str


async def load(tx: Transaction) -> dict[str, Any]:
    """What was changed, by key; all others are at their defaults."""
    rows = await tx.execute(select(system_settings.c.key, system_settings.c.value))
    return {row.key: row.value for row in rows}


async def put(tx: Transaction, key: str, value: Any, now: datetime) -> None:
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(system_settings).values(key=key, value=value, updated_at=now)
    changed = {"value": statement.excluded.value, "updated_at": statement.excluded.updated_at}
    await tx.execute(statement.on_conflict_do_update(index_elements=[system_settings.c.key], set_=changed))


async def remove(tx: Transaction, key: str) -> None:
    await tx.execute(delete(system_settings).where(system_settings.c.key == key))


async def insert_change(tx: Transaction, change: SettingChange) -> None:
    values = {name: getattr(change, name) for name in SettingChange.__slots__}
    # A JSON column would keep None as the JSON word null.
    given = {name: value for name, value in values.items() if value is not None}
    await tx.execute(setting_changes.insert().values(given))


async def page_of_changes(
    tx: Transaction, limit: int, offset: int, key: str | None = None
) -> tuple[list[SettingChange], int]:
    """Newest first, and how many there are in all."""
    chosen = setting_changes.c.key == key if key is not None else true()
    total = (await tx.execute(select(func.count()).select_from(setting_changes).where(chosen))).scalar_one()
    query = select(setting_changes).where(chosen).order_by(setting_changes.c.changed_at.desc(), setting_changes.c.id)
    rows = await tx.execute(query.limit(limit).offset(offset))
    return [SettingChange(**{name: getattr(row, name) for name in SettingChange.__slots__}) for row in rows], total
