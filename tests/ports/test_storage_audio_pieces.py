"""Pieces of audio in the database: whole, the first one for ever, the longest unused removed first."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import select

from gdial.storage import audio_pieces
from gdial.storage.audio_pieces import AudioShelf
from gdial.storage.database import Database
from gdial.storage.tables import audio_pieces as table
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.runtime import TurnedClock

ONE, TWO, THREE, FOUR = (digit * 64 for digit in "1234")
SOUND = b"RIFF" + bytes(range(256))
DAY = timedelta(days=1)


async def last_used(database: Database) -> dict[str, datetime]:
    async with database.reading() as tx:
        return {row.name: row.used_at for row in await tx.execute(select(table))}


async def test_a_piece_comes_back_as_it_was_and_the_others_are_not_there(database: Database) -> None:
    shelf = AudioShelf(database, TurnedClock())
    await shelf.put(ONE, "wav", SOUND)
    await shelf.put(TWO, "mp3", b"other")
    assert await shelf.get([ONE, TWO, THREE]) == {ONE: ("wav", SOUND), TWO: ("mp3", b"other")}
    assert await shelf.get([THREE]) == await shelf.get([]) == {}


async def test_of_many_writers_the_first_wins(database_url: str) -> None:
    processes = [Database(database_url), Database(database_url)]
    shelves = [AudioShelf(process, TurnedClock()) for process in processes]
    await shelves[0].put(ONE, "wav", SOUND)
    await asyncio.gather(*(shelves[n % 2].put(ONE, "wav", bytes(n)) for n in range(10)))
    await asyncio.gather(*(shelf.put(TWO, "wav", SOUND) for shelf in shelves))
    assert await shelves[1].get([ONE, TWO]) == {ONE: ("wav", SOUND), TWO: ("wav", SOUND)}
    for process in processes:
        await process.close()


async def test_use_is_marked_every_ten_minutes_at_most(database: Database) -> None:
    clock = TurnedClock()
    shelf = AudioShelf(database, clock)
    await shelf.put(ONE, "wav", SOUND)
    await shelf.put(TWO, "wav", SOUND)
    clock.turn(minutes=10)
    await shelf.get([ONE])
    assert await last_used(database) == {ONE: NOW, TWO: NOW}
    clock.turn(seconds=1)
    await asyncio.gather(*(shelf.get([ONE]) for _ in range(5)))
    assert await last_used(database) == {ONE: clock.now, TWO: NOW}


async def trim(database: Database, max_bytes: int, now: datetime) -> int:
    async with database.transaction() as tx:
        return await audio_pieces.trim(tx, max_bytes, now)


async def test_trimming_removes_the_longest_unused_until_the_rest_fits(database: Database) -> None:
    clock = TurnedClock()
    shelf = AudioShelf(database, clock)
    for name in (TWO, ONE, FOUR, THREE):
        await shelf.put(name, "wav", bytes(100))
        clock.turn(hours=2)
    await shelf.get([TWO])
    clock.turn(hours=2)
    assert await trim(database, 400, clock.now) == 0
    assert await trim(database, 201, clock.now) == 2
    assert set(await last_used(database)) == {TWO, THREE}


async def test_what_was_used_within_the_hour_stays_however_little_room_there_is(database: Database) -> None:
    clock = TurnedClock()
    await AudioShelf(database, clock).put(ONE, "wav", SOUND)
    clock.turn(hours=1)
    assert await trim(database, 0, clock.now) == 0
    async with database.transaction() as tx:
        assert await audio_pieces.remove_unused(tx, clock.now + DAY, clock.now) == 0
    clock.turn(seconds=1)
    assert await trim(database, 0, clock.now) == 1


async def test_the_unused_go_in_portions_and_the_used_stay(database: Database) -> None:
    clock = TurnedClock()
    shelf = AudioShelf(database, clock)
    async with database.transaction() as tx:
        for number in range(audio_pieces.PIECES_AT_ONCE + 1):
            await audio_pieces.put(tx, f"{number:064}", "wav", b"x", NOW)
    clock.turn(days=30)
    await shelf.put(ONE, "wav", SOUND)
    removed = []
    for _ in range(3):
        async with database.transaction() as tx:
            removed.append(await audio_pieces.remove_unused(tx, NOW + DAY, clock.now))
    assert removed == [audio_pieces.PIECES_AT_ONCE, 1, 0]
    assert set(await last_used(database)) == {ONE}
