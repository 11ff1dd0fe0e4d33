"""Keys that are kept on this machine while the database is away: on the disk when that is said, and found again."""

from __future__ import annotations

import asyncio
import stat
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gdial.dialing.states import RunMode
from gdial.storage.kept_keys import KeptKey, KeptKeys

SID = "CA" + "7" * 32


def pressed(digits: str = "1", step: int = 0, call_id: UUID | None = None) -> KeptKey:
    return KeptKey(call_id or uuid4(), False, RunMode.REAL, SID, step, digits, datetime(2026, 3, 1, 4, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "kept-keys"


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def put_in_its_place(folder: Path, *, device: Path | None = None) -> None:
    """A file where the folder should be, or a device where its file should be."""
    if device is None:
        folder.parent.mkdir(parents=True)
        folder.write_text("not a folder")
    else:
        folder.mkdir(parents=True)
        (folder / "keys.jsonl").symlink_to(device)


async def read_by_the_next_process(folder: Path) -> list[KeptKey]:
    return list((await KeptKeys(folder).collect()).keys)


async def test_what_was_kept_is_found_by_the_next_process_in_order(folder: Path) -> None:
    keys = [pressed("1"), pressed("2", step=3), pressed("#")]
    kept = KeptKeys(folder)
    for key in keys:
        await kept.keep(key)
    assert await read_by_the_next_process(folder) == keys


async def test_many_at_once_are_all_kept(folder: Path) -> None:
    keys = [pressed() for _ in range(500)]
    kept = KeptKeys(folder)
    await asyncio.gather(*(kept.keep(key) for key in keys))
    assert set(await read_by_the_next_process(folder)) == set(keys)


async def test_each_key_of_a_step_is_kept_once_and_in_order(folder: Path) -> None:
    """The first of them need not be an answer; whoever stores them knows."""
    first, kept = pressed("*"), KeptKeys(folder)
    await kept.keep(first)
    await kept.keep(later := pressed("2", step=1, call_id=first.call_id))
    await kept.keep(second := pressed("1", call_id=first.call_id))
    for digits in ("*", "1"):
        await kept.keep(pressed(digits, call_id=first.call_id))
    assert kept.of_call(first.call_id) == [first, second, later]
    assert await read_by_the_next_process(folder) == [first, later, second]


async def test_a_torn_last_line_costs_nothing_but_itself(folder: Path) -> None:
    before, after = pressed("1"), pressed("2")
    await KeptKeys(folder).keep(before)
    with (folder / "keys.jsonl").open("ab") as file:
        file.write(b'{"call":"9d3c')
    await KeptKeys(folder).keep(after)
    assert await read_by_the_next_process(folder) == [before, after]


async def test_only_the_owner_may_read_and_no_phone_number_is_in_it(folder: Path) -> None:
    await KeptKeys(folder).keep(pressed())
    assert modes(folder.parent) == {0o700}
    assert modes(folder) == {0o600}
    assert b"+" not in contents(folder)["keys.jsonl"].replace(b"+00:00", b"")


async def test_what_is_stored_is_removed_and_what_came_meanwhile_is_not(folder: Path) -> None:
    kept = KeptKeys(folder)
    assert not kept.are_there()
    await kept.keep(pressed())
    batch = await kept.collect()
    await kept.keep(meanwhile := pressed())
    await kept.forget(batch)
    assert kept.are_there()
    again = await kept.collect()
    assert again.keys == [meanwhile]
    await kept.forget(again)
    assert not kept.are_there()
    assert contents(folder) == {"lock": b""}


async def test_a_batch_that_was_not_stored_comes_again(folder: Path) -> None:
    kept = KeptKeys(folder)
    await kept.keep(key := pressed())
    await kept.collect()
    assert (await kept.collect()).keys == [key]
    assert await read_by_the_next_process(folder) == [key]


async def test_what_was_stored_of_a_batch_does_not_come_again_but_for_the_next_process(folder: Path) -> None:
    kept = KeptKeys(folder)
    await kept.keep(stored := pressed())
    await kept.keep(waiting := pressed())
    await kept.collect()
    kept.mark_stored(stored)
    batch = await kept.collect()
    assert batch.keys == await kept.waiting() == [waiting]
    assert kept.of_call(stored.call_id) == []
    assert await read_by_the_next_process(folder) == [stored, waiting]
    await kept.forget(batch)
    assert not kept.are_there()


async def test_the_files_do_not_grow_beyond_their_bound(folder: Path) -> None:
    kept = KeptKeys(folder, most_bytes=1_000)
    results = [await asyncio.gather(kept.keep(pressed()), return_exceptions=True) for _ in range(20)]
    assert list(results[0]) == [None]
    assert "1000 bytes" in str(results[-1][0])
    assert sum(len(content) for content in contents(folder).values()) <= 1_000


async def test_a_disk_without_room_is_told_and_the_key_is_kept_in_memory(folder: Path) -> None:
    put_in_its_place(folder, device=Path("/dev/full"))
    kept = KeptKeys(folder)
    with pytest.raises(OSError, match="No space left"):
        await kept.keep(key := pressed())
    assert kept.of_call(key.call_id) == [key]
    (folder / "keys.jsonl").unlink()
    await kept.keep(key)
    assert await read_by_the_next_process(folder) == [key]


async def test_a_file_where_the_folder_should_be_is_told(folder: Path) -> None:
    put_in_its_place(folder)
    with pytest.raises(OSError, match="kept-keys"):
        await KeptKeys(folder).keep(pressed())
