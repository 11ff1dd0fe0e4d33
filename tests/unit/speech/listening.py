"""Ears for the tests: none of this is GDial's own code, so that a mistake there is heard here."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE = 8_000
DTMF_LOW, DTMF_HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)


def decode_file(file: bytes) -> tuple[NDArray[np.int16], str, int]:
    """What ffmpeg hears in a file: samples, codec, rate."""
    with av.open(io.BytesIO(file), "r") as container:
        stream = container.streams.audio[0]
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(stream)]
        whole = stream.codec_context.format.name.startswith("s16")
        samples = np.concatenate(frames).astype(np.float64) * (1 if whole else 32_767)
        return np.round(samples).astype(np.int16), stream.codec_context.name, stream.codec_context.sample_rate


def lufs(samples: NDArray[np.int16], rate: int = RATE) -> float:
    """Integrated loudness by ffmpeg's EBU R128 meter."""
    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate, format="s16", layout="mono", time_base=Fraction(1, rate))
    meter = graph.add("ebur128", "metadata=1")
    graph.link_nodes(source, graph.add("aresample", "48000"), meter, graph.add("abuffersink")).configure()
    frame = AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    heard = -70.0
    for pushed in (frame, None):
        graph.push(pushed)
        while True:
            try:
                metadata = graph.pull().metadata
            except (av.BlockingIOError, av.EOFError):
                break
            heard = float(metadata.get("lavfi.r128.I", heard))
    return heard


def loudest_hz(samples: NDArray[np.int16], rate: int = RATE) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def level_at(samples: NDArray[np.int16], hertz: float, rate: int = RATE) -> float:
    """Size of one frequency in the middle second."""
    middle = samples[len(samples) // 2 - rate // 2 :][:rate].astype(float)
    turn = np.exp(-2j * np.pi * hertz * np.arange(len(middle)) / rate)
    return float(2 * np.abs(np.mean(middle * turn)))


def dtmf_keys(samples: NDArray[np.int16]) -> str:
    """The keys heard, by energy at the eight tones in windows of 40 ms; two windows in a row make a key."""
    window = RATE // 25
    frames = samples[: len(samples) // window * window].reshape(-1, window).astype(float)
    times = np.arange(window) / RATE
    tones = np.array([*DTMF_LOW, *DTMF_HIGH])
    parts = np.abs(frames @ np.exp(-2j * np.pi * np.outer(times, tones))) ** 2 * 2 / window
    heard = [_key(row, energy) for row, energy in zip(parts, np.sum(frames**2, axis=1), strict=True)]
    return "".join(now for before, now in pairwise(heard) if now and now == before)


def _key(tones: Floats, energy: float) -> str:
    low, high = int(np.argmax(tones[:4])), int(np.argmax(tones[4:]))
    pair = tones[low] + tones[4 + high]
    balanced = 0.1 < tones[low] / max(tones[4 + high], 1e-9) < 10
    loud = energy / (RATE // 25) > 100**2
    return "123A456B789C*0#D"[low * 4 + high] if loud and balanced and pair > 0.8 * energy else ""


def features(samples: NDArray[np.int16]) -> Floats:
    """Mel cepstra of 25 ms every 20 ms, 300-3400 Hz, each coefficient centred and scaled over the piece."""
    size, step = 200, 160
    starts = np.arange(0, len(samples) - size, step)
    frames = samples[starts[:, None] + np.arange(size)] * np.hamming(size)
    power = np.abs(np.fft.rfft(frames, 256)) ** 2
    log_mel = np.log(power @ _mel_filters(20, 256) + 1e3)
    cosine = np.cos(np.pi / 20 * np.outer(np.arange(1, 13), np.arange(20) + 0.5))
    cepstra = log_mel @ cosine.T
    scaled: Floats = (cepstra - cepstra.mean(0)) / (cepstra.std(0) + 1e-9)
    return scaled


def _mel_filters(count: int, size: int) -> Floats:
    edges = 700 * (10 ** (np.linspace(_mel(300), _mel(3400), count + 2) / 2595) - 1)
    hertz = np.arange(size // 2 + 1)[:, None] * RATE / size
    rise = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rise, fall))


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def distance(one: Floats, other: Floats) -> float:
    """Dynamic time warping: how far two pieces are apart, per step of the best path."""
    costs = np.sqrt(((one[:, None, :] - other[None, :, :]) ** 2).sum(2))
    total = np.full((len(one) + 1, len(other) + 1), np.inf)
    total[0, 0] = 0
    # Along anti-diagonals every cell depends only on the two before: numpy does a whole diagonal at once.
    for diagonal in range(len(one) + len(other) - 1):
        rows = np.arange(max(0, diagonal - len(other) + 1), min(diagonal, len(one) - 1) + 1)
        columns = diagonal - rows
        best = np.minimum(total[rows, columns], np.minimum(total[rows, columns + 1], total[rows + 1, columns]))
        total[rows + 1, columns + 1] = costs[rows, columns] + best
    return float(total[-1, -1] / (len(one) + len(other)))
