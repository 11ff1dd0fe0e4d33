"""The file of a backup: a plain tar with `manifest.json` first and the database after it. Other tools can read it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from gdial.errors import InvalidInput

FORMAT = 1
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 1_000_000
CHUNK_BYTES = 1 << 20
PAYLOADS: Mapping[str, str] = {"sqlite": "database.sqlite.gz", "postgresql": "database.pgdump"}

Kind = Literal["sqlite", "postgresql"]
Progress = Callable[[str, int, int], None]
"""Told what is being done, and how many bytes of how many."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`revision` is that of the tables, `counts` the rows of each of them; `sha256` is of the database in the file."""

    version: str
    kind: Kind
    revision: str
    created_at: str
    counts: Mapping[str, int]
    sha256: str
    size: int


def create_private(path: Path) -> BinaryIO:
    """A new file that only its owner can read."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def compress(source: Path, target: Path, progress: Progress) -> None:
    total, done = source.stat().st_size, 0
    with source.open("rb") as read, create_private(target) as raw, gzip.GzipFile("", "wb", 6, raw, 0) as write:
        while piece := read.read(CHUNK_BYTES):
            write.write(piece)
            done += len(piece)
            progress("Compressing", done, total)


def decompress(source: Path, target: Path, progress: Progress) -> None:
    total = source.stat().st_size
    with source.open("rb") as raw, gzip.open(raw) as read, create_private(target) as write:
        while piece := read.read(CHUNK_BYTES):
            write.write(piece)
            progress("Unpacking", raw.tell(), total)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_archive(path: Path, manifest: Manifest, payload: Path) -> None:
    """Appears whole or not at all, readable for its owner alone, and on the disk when this returns."""
    draft = path.with_name(f".{path.name}.part")
    told = json.dumps({"program": "gdial", "format": FORMAT, **asdict(manifest)}, indent=2).encode()
    try:
        with create_private(draft) as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                tar.addfile(_entry(MANIFEST, len(told)), io.BytesIO(told))
                with payload.open("rb") as content:
                    tar.addfile(_entry(PAYLOADS[manifest.kind], manifest.size), content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def read_manifest(path: Path) -> Manifest:
    """Raises InvalidInput when the file is no backup, or one of a form that this version does not know."""
    try:
        with tarfile.open(path, "r:") as tar:
            first = tar.next()
            content = tar.extractfile(first) if first and first.name == MANIFEST else None
            told = json.loads(content.read(MAX_MANIFEST_BYTES)) if content else {}
    except (tarfile.TarError, ValueError):
        raise _no_backup(path) from None
    if not isinstance(told, dict) or told.pop("program", None) != "gdial":
        raise _no_backup(path)
    if told.pop("format", None) != FORMAT:
        raise InvalidInput("is a backup of a form that a newer GDial writes; install that one", where=str(path))
    try:
        return Manifest(**told)
    except TypeError:
        raise _no_backup(path) from None


def extract_payload(path: Path, manifest: Manifest, target: Path) -> None:
    """Raises InvalidInput when the database in the file is not the one that was put there."""
    try:
        with tarfile.open(path, "r:") as tar, create_private(target) as out:
            content = tar.extractfile(PAYLOADS[manifest.kind])
            if content is not None:
                shutil.copyfileobj(content, out, CHUNK_BYTES)
    except (tarfile.TarError, KeyError):
        raise _damaged(path) from None
    if digest(target) != manifest.sha256:
        raise _damaged(path)


def _no_backup(path: Path) -> InvalidInput:
    return InvalidInput("is no backup of GDial; make one with: gdial backup FILE", where=str(path))


def _damaged(path: Path) -> InvalidInput:
    return InvalidInput("is damaged: the database in it is not the one that was put there", where=str(path))
