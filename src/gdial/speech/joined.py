"""Several pieces under one address, one after the other in one WAV file that is nowhere kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gdial.speech.base import Audio
from gdial.speech.formats import FORMATS, WAV_HEADER_BYTES
from gdial.speech.wave_file import padding, read_header, write_header

MOST_JOINED = 20
NAME_CHARACTERS = 64
NAMES = re.compile(rf"[0-9a-f]{{64}}(?:-[0-9a-f]{{64}}){{0,{MOST_JOINED - 1}}}")
CHUNK_BYTES = 64 * 1024


def join_names(names: Sequence[str]) -> str:
    """The address of at most `MOST_JOINED` pieces, in the order they are heard; one piece's is its own name."""
    return "-".join(names)


def split_names(name: str) -> list[str]:
    """The pieces of an address; none for any other text."""
    return name.split("-") if NAMES.fullmatch(name) else []


def can_be_joined(audio: Audio) -> bool:
    """MP3 cannot: the padding that its encoder leaves would be heard as a gap."""
    return audio.content_type == FORMATS["wav"].content_type


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes of the joined file: those given, or so many of a file after its header."""

    length: int
    source: bytes | Path


@dataclass(frozen=True, slots=True)
class JoinedAudio:
    """One RIFF file, put together while it is read."""

    stretches: tuple[Stretch, ...]

    @property
    def length(self) -> int:
        """Of the whole file, in bytes."""
        return sum(stretch.length for stretch in self.stretches)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """These bytes in chunks; waits for the disk. Raises `OSError` for a piece that is gone."""
        for stretch in self.stretches:
            first, last = max(start, 0), min(end, stretch.length)
            if first < last:
                yield from _read(stretch.source, first, last)
            start, end = start - stretch.length, end - stretch.length


def join(pieces: Sequence[Audio]) -> JoinedAudio:
    """Reads the pieces' headers only. Raises `ValueError` for one that is no µ-law WAV file, `OSError`."""
    sounds = [Stretch(_read_sound_bytes(piece.path), piece.path) for piece in pieces]
    total = sum(sound.length for sound in sounds)
    head, tail = write_header(total), padding(total)
    return JoinedAudio((Stretch(len(head), head), *sounds, Stretch(len(tail), tail)))


def _read_sound_bytes(path: Path) -> int:
    with path.open("rb") as file:
        return read_header(file.read(WAV_HEADER_BYTES), path.stat().st_size)


def _read(source: bytes | Path, first: int, last: int) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source[first:last]
        return
    with source.open("rb") as file:
        file.seek(WAV_HEADER_BYTES + first)
        for _ in range(first, last, CHUNK_BYTES):
            yield file.read(min(CHUNK_BYTES, last - first))
            first += CHUNK_BYTES
