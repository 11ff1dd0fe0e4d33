"""The audio folder: whole files only, the same for ever, the longest unused deleted first.

A file's modification time is the time of its last use, within ten minutes.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gdial.errors import SetupError
from gdial.speech.base import Audio
from gdial.speech.formats import FORMATS, FileFormat

KEPT_SECONDS = 3_600
MARK_USED_AFTER_SECONDS = 600
PART_SUFFIX = ".part"
OWN_FILE = re.compile(r"[0-9a-f]{64}\.(wav|mp3)|\.[0-9a-f]{64}\..*\.part")


class AudioFolder:
    """Made with mode 0700 when it is not there. Several processes may use one folder."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path.absolute()
        self._clock = clock
        self._make()

    def find(self, name: str) -> Audio | None:
        """The file of this name, marked as used. `name` must not come from outside unchecked."""
        for file_format in FORMATS.values():
            path = self._path / (name + file_format.suffix)
            try:
                found = path.stat()
            except OSError:
                continue
            # After a power cut a file may be there without its bytes.
            if stat.S_ISREG(found.st_mode) and found.st_size > file_format.header_bytes:
                self._mark_used(path, found.st_mtime)
                return _audio(name, path, file_format, found.st_size)
        return None

    def keep(self, name: str, file_format: FileFormat, data: bytes) -> Audio:
        """Writes a file that is either there whole or not at all; the first of two writers wins. Raises `OSError`."""
        path = self._path / (name + file_format.suffix)
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        part_number, part_name = tempfile.mkstemp(PART_SUFFIX, f".{name}.", self._path)
        part = Path(part_name)
        try:
            with os.fdopen(part_number, "wb") as file:
                file.write(data)
            now = self._clock()
            os.utime(part, (now, now))
            _publish(part, path, file_format.header_bytes)
        finally:
            part.unlink(missing_ok=True)
        return _audio(name, path, file_format, path.stat().st_size)

    def trim(self, max_bytes: int) -> int:
        """Deletes old files until at most `max_bytes` are left, and what killed processes left half written."""
        oldest_kept = self._clock() - KEPT_SECONDS - MARK_USED_AFTER_SECONDS
        files = sorted(self._list_files(), key=lambda file: file.used_at)
        total = sum(file.size for file in files)
        deleted = 0
        for file in files:
            is_part = file.path.suffix == PART_SUFFIX
            if (total > max_bytes or is_part) and _delete_unused(file.path, oldest_kept):
                total -= file.size
                deleted += not is_part
        return deleted

    def remove_unused(self, seconds: float) -> int:
        """Deletes files not used for so long, and for an hour at least."""
        oldest_kept = self._clock() - max(seconds, KEPT_SECONDS) - MARK_USED_AFTER_SECONDS
        old = [file.path for file in self._list_files() if file.used_at < oldest_kept]
        return sum(_delete_unused(path, oldest_kept) for path in old)

    def _make(self) -> None:
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise SetupError(
                f"the audio folder {self._path} cannot be made: a file is in its way; move the file or set AUDIO_DIR"
            ) from None
        except OSError as error:
            raise SetupError(
                f"the audio folder {self._path} cannot be made ({error.strerror}): set AUDIO_DIR"
            ) from None
        if not os.access(self._path, os.R_OK | os.W_OK | os.X_OK):
            raise SetupError(f"GDial may not write in the audio folder: chown $(id -un) {self._path}")

    def _mark_used(self, path: Path, used_at: float) -> None:
        now = self._clock()
        if now - used_at > MARK_USED_AFTER_SECONDS:
            with suppress(OSError):
                os.utime(path, (now, now))

    def _list_files(self) -> Iterator[_StoredFile]:
        with os.scandir(self._path) as entries:
            for entry in entries:
                if OWN_FILE.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):
                        found = entry.stat()
                        yield _StoredFile(Path(entry.path), found.st_size, found.st_mtime)


@dataclass(frozen=True, slots=True)
class _StoredFile:
    path: Path
    size: int
    used_at: float


def _audio(name: str, path: Path, file_format: FileFormat, size: int) -> Audio:
    return Audio(name, path, file_format.seconds(size), file_format.content_type)


def _publish(part: Path, path: Path, header_bytes: int) -> None:
    try:
        # A link, unlike a rename, never replaces what somebody may be listening to.
        os.link(part, path)
    except FileExistsError:
        if path.stat().st_size <= header_bytes:
            part.replace(path)
    except OSError:
        # File systems without links.
        part.replace(path)


def _delete_unused(path: Path, oldest_kept: float) -> bool:
    """Looks once more: somebody may have used it since it was listed."""
    try:
        if path.stat().st_mtime > oldest_kept:
            return False
        path.unlink()
    except OSError:
        return False
    return True
