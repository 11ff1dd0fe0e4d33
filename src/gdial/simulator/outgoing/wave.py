"""How long a WAV file plays, read from its RIFF header."""

from __future__ import annotations

import struct

SAYS_NOTHING = (0, 0xFFFFFFFF)


def measure_wave(data: bytes) -> float:
    """Seconds of sound in a WAV file of any constant-rate coding (PCM, µ-law, A-law, float).

    A data chunk whose length was never filled in, as streams leave it, is taken to reach the end of the file.
    Raises `ValueError` when this is no WAV file.
    """
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("no RIFF/WAVE header")
    bytes_per_second = 0
    position = 12
    while position + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, position)
        position += 8
        if name == b"fmt ":
            bytes_per_second = _read_byte_rate(data, position, length)
        if name == b"data":
            if not bytes_per_second:
                raise ValueError("the sound comes before its format")
            here = len(data) - position
            return (here if length in SAYS_NOTHING else min(length, here)) / bytes_per_second
        position += length + length % 2
    raise ValueError("no data chunk")


def _read_byte_rate(data: bytes, position: int, length: int) -> int:
    if length < 16 or position + 16 > len(data):
        raise ValueError("the format chunk is cut short")
    _, _, _, bytes_per_second, _, _ = struct.unpack_from("<HHIIHH", data, position)
    if bytes_per_second == 0:
        raise ValueError("the format says zero bytes a second")
    return int(bytes_per_second)
