"""Keys that were pressed while the database was away: in files of this machine until they can be stored.

    kept-keys/keys.jsonl              written to, one key a line, on the disk before `keep` returns
    kept-keys/reading-<uuid>.jsonl    being read in; removed when all of it is stored

Several processes may share the folder. A line that a power cut tore is left out: nobody was told that it is kept.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import structlog

from gdial.dialing.states import RunMode

log = structlog.get_logger(__name__)

MOST_BYTES = 8 * 1024 * 1024
"""Of all files together: about thirty thousand keys."""
MOST_IN_MEMORY = 50_000
WRITTEN_TO = "keys.jsonl"
BEING_READ = "reading-*.jsonl"
LOCK = "lock"


Place = tuple[UUID, int, str]
"""A call, the step in it, and the key: it may be pressed again, and is kept once."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """`call_id` is the attempt's id, or, with `is_ring_back`, that of a call somebody made to us."""

    call_id: UUID
    is_ring_back: bool
    mode: RunMode
    sid: str
    step: int
    digits: str
    pressed_at: datetime

    @property
    def place(self) -> Place:
        return self.call_id, self.step, self.digits


@dataclass(frozen=True, slots=True)
class Batch:
    """Keys to be stored, and the files they are in. One may be there twice; those of a step come in their order."""

    keys: Sequence[KeptKey]
    files: Sequence[Path]


class KeptKeys:
    """The folder, and what of it this process has written. Nothing is made before the first key is kept.

    NOT promised: a key that is kept by two processes is told to be the same one; whoever stores it has to see to that.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._kept: dict[Place, KeptKey] = {}
        self._on_disk: set[Place] = set()
        self._stored_from_files: set[Place] = set()
        self._waiting: list[tuple[KeptKey, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kept-keys")

    async def keep(self, key: KeptKey) -> None:
        """Returns when it is on the disk. The same key of the same step is kept once; which of several counts is for
        whoever stores them.

        Keys that come while the disk is busy share its next write. Raises OSError when the disk takes no more; the key
        is then known to this process alone, and is lost when it ends before the key is stored.
        """
        if len(self._kept) < MOST_IN_MEMORY:
            key = self._kept.setdefault(key.place, key)
        if key.place in self._on_disk:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting())
        await done

    def of_call(self, call_id: UUID) -> list[KeptKey]:
        """What this process keeps of one call, in order of steps."""
        return sorted((key for key in self._kept.values() if key.call_id == call_id), key=lambda key: key.step)

    async def waiting(self) -> list[KeptKey]:
        """All that are not known to be stored, also of processes that have ended, each once. They stay where they
        are. Raises OSError."""
        in_files = self._not_stored(await asyncio.get_running_loop().run_in_executor(self._thread, self._read))
        return list({key.place: key for key in [*self._kept.values(), *reversed(in_files)]}.values())

    def are_there(self) -> bool:
        """Whether there are any, also of processes that have ended."""
        return bool(self._kept) or (self._folder / WRITTEN_TO).exists() or any(self._folder.glob(BEING_READ))

    async def collect(self) -> Batch:
        """All that are there and not known to be stored. What is kept from now on is in the next batch. Raises
        OSError."""
        batch = await asyncio.get_running_loop().run_in_executor(self._thread, self._collect)
        keys = self._not_stored(batch.keys)
        in_files = {key.place for key in keys}
        return Batch([*keys, *(key for key in self._kept.values() if key.place not in in_files)], batch.files)

    def mark_stored(self, key: KeptKey) -> None:
        """This one need not be stored again, should others of its batch have to wait. It stays in its file until
        `forget`: another process would store it once more, which changes nothing."""
        self._kept.pop(key.place, None)
        self._on_disk.discard(key.place)
        self._stored_from_files.add(key.place)

    async def forget(self, batch: Batch) -> None:
        """All of it is stored: remove its files. Raises OSError."""
        for key in batch.keys:
            self.mark_stored(key)
        await asyncio.get_running_loop().run_in_executor(self._thread, _remove, batch.files)
        self._stored_from_files.clear()

    async def close(self) -> None:
        """Waits for what is being written."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
        self._thread.shutdown()

    def _not_stored(self, keys: Iterable[KeptKey]) -> list[KeptKey]:
        return [key for key in keys if key.place not in self._stored_from_files]

    async def _write_waiting(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            error = await self._write([key for key, _ in waiting])
            if error is None:
                self._on_disk.update(key.place for key, _ in waiting)
            for _, done in waiting:
                if done.done():  # who kept it waits no more
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)

    async def _write(self, keys: Sequence[KeptKey]) -> OSError | None:
        lines = "".join(_line(key) for key in keys).encode()
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._append, lines)
        except OSError as error:
            return error
        return None

    def _append(self, lines: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._folder / WRITTEN_TO
        with self._locked():
            if _size_of(self._folder) + len(lines) > self._most_bytes:
                raise OSError(f"{self._folder} holds {self._most_bytes} bytes already")
            is_new = not file.exists()
            handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _append_whole(handle, lines)
            finally:
                os.close(handle)
            if is_new:
                _sync_folder(self._folder)

    def _collect(self) -> Batch:
        if not self._folder.exists():
            return Batch((), ())
        with self._locked():
            written = self._folder / WRITTEN_TO
            if written.exists():
                written.rename(self._folder / BEING_READ.replace("*", str(uuid4())))
        files = sorted(self._folder.glob(BEING_READ), key=_age)
        return Batch([key for file in files for key in _keys_in(file)], files)

    def _read(self) -> list[KeptKey]:
        if not self._folder.exists():
            return []
        with self._locked():  # else a line that is being written would look torn
            files = [*sorted(self._folder.glob(BEING_READ), key=_age), self._folder / WRITTEN_TO]
            return [key for file in files for key in _keys_in(file)]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _append_whole(handle: int, lines: bytes) -> None:
    """All of it, on the disk, or nothing of it."""
    before = os.fstat(handle).st_size
    try:
        # A torn line of an earlier process would swallow the one after it.
        if before and os.pread(handle, 1, before - 1) != b"\n":
            lines = b"\n" + lines
        while lines:
            lines = lines[os.write(handle, lines) :]
        os.fsync(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, before)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _size_of(folder: Path) -> int:
    return sum(entry.stat().st_size for entry in os.scandir(folder))


def _age(file: Path) -> int:
    with suppress(FileNotFoundError):
        return file.stat().st_mtime_ns
    return 0


def _line(key: KeptKey) -> str:
    facts = {
        "call": str(key.call_id),
        "ring_back": key.is_ring_back,
        "mode": key.mode,
        "sid": key.sid,
        "step": key.step,
        "digits": key.digits,
        "at": key.pressed_at.isoformat(),
    }
    return json.dumps(facts, separators=(",", ":")) + "\n"


def _keys_in(file: Path) -> Iterator[KeptKey]:
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:  # another process has stored them all
        return
    for number, line in enumerate(lines, start=1):
        try:
            facts = json.loads(line)
            yield KeptKey(
                call_id=UUID(facts["call"]),
                is_ring_back=bool(facts["ring_back"]),
                mode=RunMode(facts["mode"]),
                sid=str(facts["sid"]),
                step=int(facts["step"]),
                digits=str(facts["digits"]),
                pressed_at=datetime.fromisoformat(facts["at"]),
            )
        except (ValueError, KeyError, TypeError):
            log.warning("a torn line among the kept keys is left out", file=file.name, line=number)


def _remove(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
