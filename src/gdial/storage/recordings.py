"""Recordings: what people spoke themselves. One never changes; another sound has another name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row, Select, Table, Text, cast, delete, func, or_, select

from gdial.errors import NotFound
from gdial.storage.batches import one_of
from gdial.storage.database import Database, Transaction
from gdial.storage.tables import call_runs, messages, recordings


@dataclass(frozen=True, slots=True)
class Recording:
    """`text` is what is said in it, in `language`; `audio_name` is where its sound is heard. `made_from` is the kind of
    file it came as."""

    id: UUID
    name: str
    text: str
    language: str
    audio_name: str
    bytes: int
    seconds: float
    made_from: str
    created_at: datetime


class Shelf(Protocol):
    """Where made pieces are, for processes without a common folder."""

    async def get(self, names: Sequence[str]) -> Mapping[str, tuple[str, bytes]]: ...

    async def put(self, name: str, audio_format: str, data: bytes) -> None: ...


class RecordingShelf:
    """The recordings beside the made pieces, by the names of their audio. Raises `DatabaseUnavailable`."""

    def __init__(self, database: Database, made: Shelf | None) -> None:
        self._database = database
        self._made = made

    async def get(self, names: Sequence[str]) -> dict[str, tuple[str, bytes]]:
        found = dict(await self._made.get(names)) if self._made is not None else {}
        missing = [name for name in names if name not in found]
        if missing:
            query = select(recordings.c.audio_name, recordings.c.data)
            async with self._database.reading() as tx:
                rows = await tx.execute(query.where(one_of(tx, recordings.c.audio_name, missing)))
                found |= {row.audio_name: ("wav", row.data) for row in rows}
        return found

    async def put(self, name: str, audio_format: str, data: bytes) -> None:
        """Made pieces only: a recording is stored by who takes it in."""
        if self._made is not None:
            await self._made.put(name, audio_format, data)


async def insert(tx: Transaction, recording: Recording, data: bytes) -> None:
    facts = {name: getattr(recording, name) for name in recording.__slots__}
    await tx.execute(recordings.insert().values(**facts, match_key=match_key(recording.name), data=data))


async def get(tx: Transaction, recording_id: UUID, *, lock: bool = False) -> Recording:
    """Raises NotFound. `lock` keeps others from removing it, or from taking it into use, until the transaction ends."""
    query = select(*FACTS).where(recordings.c.id == recording_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("recording", recording_id)
    return _read(row)


async def find(tx: Transaction, names: Sequence[str], *, keep: bool = False) -> dict[str, Recording]:
    """Those of these names that there are, each under the name as it was asked for. `keep`: nobody removes them until
    the transaction ends."""
    keys = {match_key(name) for name in names}
    query = select(*FACTS).where(one_of(tx, recordings.c.match_key, list(keys)))
    rows = await tx.execute(query.with_for_update(read=True) if keep else query)
    by_key = {match_key(row.name): _read(row) for row in rows}
    return {name: by_key[match_key(name)] for name in names if match_key(name) in by_key}


async def page(tx: Transaction, limit: int, offset: int) -> tuple[list[Recording], int]:
    """By name, and how many there are in all."""
    total = (await tx.execute(select(func.count()).select_from(recordings))).scalar_one()
    query = select(*FACTS).order_by(recordings.c.match_key).limit(limit).offset(offset)
    return [_read(row) for row in await tx.execute(query)], total


async def held(tx: Transaction) -> tuple[int, int]:
    """How many there are, and the bytes of all."""
    query = select(func.count(), func.coalesce(func.sum(recordings.c.bytes), 0)).select_from(recordings)
    count, size = (await tx.execute(query)).one()
    return count, size


async def texts_that_play(tx: Transaction, mark: str, runs_since: datetime) -> list[tuple[str, list[str]]]:
    """What has this mark in its texts, with all of its texts: messages, and runs that go on or ended after
    `runs_since`."""
    goes_on = or_(call_runs.c.ended_at.is_(None), call_runs.c.ended_at > runs_since)
    of_messages = (await tx.execute(_with_mark(messages, mark))).all()
    of_runs = (await tx.execute(_with_mark(call_runs, mark).where(goes_on))).all()
    found = [(f'the message "{row.name}"', _texts(row)) for row in of_messages]
    return found + [(f'the run "{row.name}"', _texts(row)) for row in of_runs]


async def remove(tx: Transaction, recording_id: UUID) -> None:
    await tx.execute(delete(recordings).where(recordings.c.id == recording_id))


def match_key(name: str) -> str:
    return name.casefold()


def _with_mark(table: Table, mark: str) -> Select[Any]:
    query = select(table.c.name, table.c.text, table.c.translations)
    return query.where(or_(table.c.text.contains(mark), cast(table.c.translations, Text).contains(mark)))


def _texts(row: Row[Any]) -> list[str]:
    return [row.text, *(translation["text"] for translation in row.translations.values())]


def _read(row: Row[Any]) -> Recording:
    return Recording(**row._mapping)


FACTS = tuple(recordings.c[name] for name in Recording.__slots__)
