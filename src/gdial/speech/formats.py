"""What the finished pieces look like as files. No audio library is loaded for these facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

AudioFormat = Literal["wav", "mp3"]

# Part of every piece's name: raised whenever the same input would sound different than before.
PIPELINE_VERSION = 2

TELEPHONE_RATE = 8_000
MP3_BITS_PER_SECOND = 32_000
WAV_HEADER_BYTES = 58


@dataclass(frozen=True, slots=True)
class FileFormat:
    """`bytes_per_second` is constant, so that a file's size tells its length."""

    suffix: str
    content_type: str
    header_bytes: int
    bytes_per_second: int

    def seconds(self, file_bytes: int) -> float:
        return max(file_bytes - self.header_bytes, 0) / self.bytes_per_second


FORMATS: Mapping[AudioFormat, FileFormat] = {
    "wav": FileFormat(".wav", "audio/wav", WAV_HEADER_BYTES, TELEPHONE_RATE),
    "mp3": FileFormat(".mp3", "audio/mpeg", 0, MP3_BITS_PER_SECOND // 8),
}
