"""µ-law after ITU-T G.711, and the WAV file around it: what every telephone network plays without conversion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdial.speech.formats import WAV_HEADER_BYTES
from gdial.speech.wave_file import padding, read_header, write_header

BIAS = 0x84
CLIP = 32_635

Samples = NDArray[np.int16]


def encode(samples: Samples) -> bytes:
    """One byte for each sample."""
    return _ENCODED[samples.view(np.uint16)].tobytes()


def decode(mulaw: bytes) -> Samples:
    """Back to 16 bits, with the noise that eight bits leave (about 38 dB below speech)."""
    return _DECODED[np.frombuffer(mulaw, np.uint8)]


def pack_wav(samples: Samples) -> bytes:
    """A µ-law WAV file at 8 kHz mono."""
    data = encode(samples)
    return write_header(len(data)) + data + padding(len(data))


def unpack_wav(file: bytes) -> Samples:
    """The samples of a file of `pack_wav`. Raises `ValueError` for any other, also for other kinds of WAV."""
    sound_bytes = read_header(file, len(file))
    return decode(file[WAV_HEADER_BYTES : WAV_HEADER_BYTES + sound_bytes])


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
