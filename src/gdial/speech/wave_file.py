"""The WAV file around µ-law at 8 kHz mono, for who need not look at the sound. No audio library is loaded for it."""

from __future__ import annotations

import struct

from gdial.speech.formats import TELEPHONE_RATE, WAV_HEADER_BYTES

FORMAT_TAG_MULAW = 7
FORMAT_CHUNK_BYTES = 18
FACT_CHUNK_BYTES = 4

# RIFF; fmt with tag, channels, rate, bytes a second, block, bits, extension size; fact with the sample count; data.
HEADER = struct.Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")


def write_header(sound_bytes: int) -> bytes:
    """The `fact` chunk and the 18-byte `fmt ` chunk are required for tag 7. An odd sound is followed by `padding`."""
    return HEADER.pack(
        *(b"RIFF", WAV_HEADER_BYTES - 8 + sound_bytes + len(padding(sound_bytes)), b"WAVE"),
        *(b"fmt ", FORMAT_CHUNK_BYTES, FORMAT_TAG_MULAW, 1, TELEPHONE_RATE, TELEPHONE_RATE, 1, 8, 0),
        *(b"fact", FACT_CHUNK_BYTES, sound_bytes),
        *(b"data", sound_bytes),
    )


def padding(sound_bytes: int) -> bytes:
    return b"\0" * (sound_bytes % 2)


def read_header(head: bytes, file_bytes: int) -> int:
    """How many bytes of sound follow the header, in a file of this size that begins with `head`.

    Raises `ValueError` for any but a file as `write_header` begins it, also for other kinds of WAV.
    """
    if len(head) < WAV_HEADER_BYTES:
        raise ValueError(f"{len(head)} bytes are too few for a WAV file")
    fields = HEADER.unpack_from(head)
    sound_bytes = int(fields[16])
    sizes = fields[3:5] == (b"fmt ", FORMAT_CHUNK_BYTES) and fields[1] == file_bytes - 8
    kind = fields[5:12] == (FORMAT_TAG_MULAW, 1, TELEPHONE_RATE, TELEPHONE_RATE, 1, 8, 0)
    whole = WAV_HEADER_BYTES + sound_bytes + len(padding(sound_bytes)) == file_bytes
    if not (fields[0] == b"RIFF" and fields[2] == b"WAVE" and fields[15] == b"data" and sizes and kind and whole):
        raise ValueError("not a µ-law WAV file at 8 kHz mono")
    return sound_bytes
