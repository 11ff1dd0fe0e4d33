"""Audio made for the tests: a tone, as WAV in three codings and as MP3."""

from __future__ import annotations

import io
import struct

import av
import numpy as np

RATE = 8000


def tone(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    times = np.arange(int(seconds * RATE)) / RATE
    return (np.sin(times * 2 * np.pi * 440) * 8000).astype(np.int16)


def wave_pcm(seconds: float, *, extra: bytes = b"", data_length: int | None = None) -> bytes:
    """A 16-bit PCM WAV; `extra` stands between its format and its sound."""
    sound = tone(seconds).tobytes()
    return _riff(struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16), sound, extra, data_length)


def wave_mulaw(seconds: float) -> bytes:
    """A µ-law WAV, 8,000 bytes a second."""
    return _riff(struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0), b"\xff" * int(seconds * RATE), b"", None)


def mp3(seconds: float) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=RATE)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(tone(seconds).reshape(1, -1), format="s16p", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _riff(form: bytes, sound: bytes, extra: bytes, data_length: int | None) -> bytes:
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + extra
    chunks += b"data" + struct.pack("<I", len(sound) if data_length is None else data_length) + sound
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks
