"""The organisation's lexicon: how its words are said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, delete, func, select, update

from gdial.errors import NotFound
from gdial.storage import installation
from gdial.storage.database import Database, Transaction
from gdial.storage.tables import lexicon_entries

EDITION = "lexicon_edition"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """`written` is unique in its language, in whatever letters it is written."""

    id: UUID
    language: str
    written: str
    spoken: str
    created_at: datetime
    updated_at: datetime


class LexiconTable:
    """The lexicon of one database, as the speech room reads it. Raises `DatabaseUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, known: str) -> tuple[str, list[tuple[str, str, str]]] | None:
        """One small statement while nothing changed."""
        async with self._database.reading() as tx:
            edition = await installation.get(tx, EDITION) or ""
            if edition == known:
                return None
            rows = (await tx.execute(select(lexicon_entries))).all()
        return edition, [(row.language, row.written, row.spoken) for row in rows]


async def insert(tx: Transaction, entry: StoredEntry) -> None:
    await _begin_edition(tx)
    await tx.execute(lexicon_entries.insert().values(id=entry.id, created_at=entry.created_at, **_columns(entry)))


async def save(tx: Transaction, entry: StoredEntry) -> None:
    await _begin_edition(tx)
    await tx.execute(update(lexicon_entries).where(lexicon_entries.c.id == entry.id).values(_columns(entry)))


async def get(tx: Transaction, entry_id: UUID, *, lock: bool = False) -> StoredEntry:
    """Raises NotFound. `lock` keeps others from changing it until the transaction ends."""
    query = select(lexicon_entries).where(lexicon_entries.c.id == entry_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("lexicon entry", entry_id)
    return _read(row)


async def find(tx: Transaction, language: str, written: str) -> StoredEntry | None:
    query = select(lexicon_entries).where(
        lexicon_entries.c.language == language, lexicon_entries.c.match_key == match_key(written)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _read(row)


async def page(
    tx: Transaction, limit: int, offset: int, *, language: str | None = None, search: str = ""
) -> tuple[list[StoredEntry], int]:
    """By what is written, and how many there are in all."""
    query: Select[Any] = select(lexicon_entries)
    if language is not None:
        query = query.where(lexicon_entries.c.language == language)
    if search:
        query = query.where(lexicon_entries.c.match_key.contains(match_key(search), autoescape=True))
    total = (await tx.execute(select(func.count()).select_from(query.subquery()))).scalar_one()
    ordered = query.order_by(lexicon_entries.c.match_key, lexicon_entries.c.language).limit(limit).offset(offset)
    return [_read(row) for row in await tx.execute(ordered)], total


async def count(tx: Transaction) -> int:
    return (await tx.execute(select(func.count()).select_from(lexicon_entries))).scalar_one()


async def remove(tx: Transaction, entry_id: UUID) -> None:
    """Raises NotFound."""
    await _begin_edition(tx)
    if (await tx.execute(delete(lexicon_entries).where(lexicon_entries.c.id == entry_id))).rowcount == 0:
        raise NotFound("lexicon entry", entry_id)


async def _begin_edition(tx: Transaction) -> None:
    """Clocks of several machines would not tell which change was the last."""
    await installation.put(tx, EDITION, uuid4().hex)


def match_key(written: str) -> str:
    return written.casefold()


def _columns(entry: StoredEntry) -> dict[str, Any]:
    return {
        "language": entry.language,
        "written": entry.written,
        "match_key": match_key(entry.written),
        "spoken": entry.spoken,
        "updated_at": entry.updated_at,
    }


def _read(row: Row[Any]) -> StoredEntry:
    return StoredEntry(row.id, row.language, row.written, row.spoken, row.created_at, row.updated_at)
