"""µ-law after ITU-T G.711, and the WAV file around it: what every telephone network plays without conversion."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from gdial.speech.formats import TELEPHONE_RATE, WAV_HEADER_BYTES

FORMAT_TAG_MULAW = 7
FORMAT_CHUNK_BYTES = 18
FACT_CHUNK_BYTES = 4
BIAS = 0x84
CLIP = 32_635

# RIFF; fmt with tag, channels, rate, bytes a second, block, bits, extension size; fact with the sample count; data.
HEADER = struct.Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")

Samples = NDArray[np.int16]


def encode(samples: Samples) -> bytes:
    """One byte for each sample."""
    return _ENCODED[samples.view(np.uint16)].tobytes()


def decode(mulaw: bytes) -> Samples:
    """Back to 16 bits, with the noise that eight bits leave (about 38 dB below speech)."""
    return _DECODED[np.frombuffer(mulaw, np.uint8)]


def pack_wav(samples: Samples) -> bytes:
    """A µ-law WAV file at 8 kHz mono. The `fact` chunk and the 18-byte `fmt ` chunk are required for tag 7."""
    data = encode(samples)
    padding = b"\0" * (len(data) % 2)
    header = HEADER.pack(
        *(b"RIFF", WAV_HEADER_BYTES - 8 + len(data) + len(padding), b"WAVE"),
        *(b"fmt ", FORMAT_CHUNK_BYTES, FORMAT_TAG_MULAW, 1, TELEPHONE_RATE, TELEPHONE_RATE, 1, 8, 0),
        *(b"fact", FACT_CHUNK_BYTES, len(data)),
        *(b"data", len(data)),
    )
    return header + data + padding


def unpack_wav(file: bytes) -> Samples:
    """The samples of a file of `pack_wav`. Raises `ValueError` for any other, also for other kinds of WAV."""
    if len(file) < WAV_HEADER_BYTES:
        raise ValueError(f"{len(file)} bytes are too few for a WAV file")
    fields = HEADER.unpack_from(file)
    sizes = fields[3:5] == (b"fmt ", FORMAT_CHUNK_BYTES) and fields[1] == len(file) - 8
    kind = fields[5:12] == (FORMAT_TAG_MULAW, 1, TELEPHONE_RATE, TELEPHONE_RATE, 1, 8, 0)
    if not (fields[0] == b"RIFF" and fields[2] == b"WAVE" and fields[15] == b"data" and sizes and kind):
        raise ValueError("not a µ-law WAV file at 8 kHz mono")
    return decode(file[WAV_HEADER_BYTES : WAV_HEADER_BYTES + fields[16]])


def _make_encoded() -> NDArray[np.uint8]:
    """The code of every 16-bit sample, indexed by the sample seen as unsigned."""
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(samples), CLIP) + BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    code: NDArray[np.uint8] = (~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8)
    return code


def _make_decoded() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + BIAS << (code >> 4 & 7)) - BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_ENCODED = _make_encoded()
_DECODED = _make_decoded()
