"""Finished pieces of audio, for processes that share no folder. A piece never changes under its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gdial.storage.batches import one_of
from gdial.storage.database import Database, Transaction
from gdial.storage.tables import audio_pieces

MARK_USED_AFTER = timedelta(minutes=10)
KEPT = timedelta(hours=1)
"""What was used so lately is not removed: somebody may have been told of it."""

PIECES_AT_ONCE = 500


class AudioShelf:
    """The pieces of one database, each call a transaction of its own. Raises `DatabaseUnavailable`."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def get(self, names: Sequence[str]) -> dict[str, tuple[str, bytes]]:
        """Format and bytes of those that are there: one statement, and a second when one was long unused."""
        now = self._clock()
        async with self._database.reading() as tx:
            pieces, used_long_ago = await get(tx, names, now)
        if used_long_ago:
            async with self._database.transaction() as tx:
                await mark_used(tx, used_long_ago, now)
        return pieces

    async def put(self, name: str, audio_format: str, data: bytes) -> None:
        """The first of two writers wins."""
        async with self._database.transaction() as tx:
            await put(tx, name, audio_format, data, self._clock())


async def put(tx: Transaction, name: str, audio_format: str, data: bytes, now: datetime) -> None:
    """A piece that is there already stays as it was."""
    values = {"name": name, "format": audio_format, "data": data, "bytes": len(data), "made_at": now, "used_at": now}
    await tx.execute(PUT[tx.dialect.name], values)


async def get(tx: Transaction, names: Sequence[str], now: datetime) -> tuple[dict[str, tuple[str, bytes]], list[str]]:
    """Format and bytes of those that are there, and the names of those last used more than ten minutes ago."""
    columns = (audio_pieces.c.name, audio_pieces.c.format, audio_pieces.c.data, audio_pieces.c.used_at)
    rows = (await tx.execute(select(*columns).where(one_of(tx, audio_pieces.c.name, names)))).all()
    used_long_ago = [row.name for row in rows if row.used_at < now - MARK_USED_AFTER]
    return {row.name: (row.format, row.data) for row in rows}, used_long_ago


async def mark_used(tx: Transaction, names: Sequence[str], now: datetime) -> None:
    """Passes over what somebody else is marking or removing at this moment."""
    free = select(audio_pieces.c.name).where(one_of(tx, audio_pieces.c.name, names)).with_for_update(skip_locked=True)
    await tx.execute(
        update(audio_pieces).where(audio_pieces.c.name.in_(free), audio_pieces.c.used_at < now).values(used_at=now)
    )


async def trim(tx: Transaction, max_bytes: int, now: datetime) -> int:
    """Removes a portion of those used longest ago while there are more than `max_bytes`; how many, 0 when done."""
    held = (await tx.execute(select(func.coalesce(func.sum(audio_pieces.c.bytes), 0)))).scalar_one()
    names = []
    for row in await tx.execute(_unused(now - KEPT)):
        if held <= max_bytes:
            break
        names.append(row.name)
        held -= row.bytes
    return await _remove(tx, names)


async def remove_unused(tx: Transaction, before: datetime, now: datetime) -> int:
    """Removes a portion of those not used since `before`, nor within the last hour; how many, 0 when done."""
    return await _remove(tx, [row.name for row in await tx.execute(_unused(min(before, now - KEPT)))])


def _unused(before: datetime) -> Select[tuple[str, int]]:
    """The first ones of a portion, locked, so that two who remove take different ones."""
    return (
        select(audio_pieces.c.name, audio_pieces.c.bytes)
        .where(audio_pieces.c.used_at < before)
        .order_by(audio_pieces.c.used_at)
        .limit(PIECES_AT_ONCE)
        .with_for_update(skip_locked=True)
    )


async def _remove(tx: Transaction, names: Sequence[str]) -> int:
    if not names:
        return 0
    return (await tx.execute(delete(audio_pieces).where(one_of(tx, audio_pieces.c.name, names)))).rowcount


PUT = {
    "sqlite": sqlite.insert(audio_pieces).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(audio_pieces).on_conflict_do_nothing(),
}
