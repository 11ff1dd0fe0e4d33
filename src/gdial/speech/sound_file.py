"""A sound file that somebody else made, as samples. Runs in a speech process: what it reads is not trusted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.filter import Graph

from gdial.errors import SpeechUnavailable
from gdial.speech.frames import Frame

LONGEST_SECONDS = 900
FILE_FORMATS = ("wav", "mp3")


def decode(request: Frame) -> Frame:
    """Job: facts `format` ("wav", "mp3") and `tempo` (1.0 as it is, 2.0 twice as fast), with the file; answers `rate`
    with signed 16-bit mono samples. The pitch stays. Raises `SpeechUnavailable` for what is no such file."""
    file_format, tempo = request.facts["format"], float(request.facts["tempo"])
    try:
        with av.open(io.BytesIO(request.sound), "r", format=file_format) as container:
            return _read(container, tempo)
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise SpeechUnavailable(f"the answer is no {file_format} file: {error}") from error


def stretch(samples: bytes, rate: int, tempo: float) -> bytes:
    """Signed 16-bit mono samples, `tempo` times as fast at the same pitch."""
    graph = _make_graph(rate, tempo)
    frame = AudioFrame.from_ndarray(np.frombuffer(samples, "<i2")[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    chunks: list[bytes] = []
    for pushed in (frame, None):
        graph.push(pushed)
        chunks.extend(_pull(graph))
    return b"".join(chunks)


def _read(container: InputContainer, tempo: float) -> Frame:
    rate = container.streams.audio[0].rate
    graph = _make_graph(rate, tempo)
    chunks: list[bytes] = []
    samples_left = LONGEST_SECONDS * rate
    for frame in _frames(container, rate):
        graph.push(frame)
        for chunk in _pull(graph):
            chunks.append(chunk)
            samples_left -= len(chunk) // 2
        if samples_left < 0:
            raise SpeechUnavailable(f"the answer is longer than {LONGEST_SECONDS // 60} minutes")
    return Frame({"rate": rate}, b"".join(chunks))


def _frames(container: InputContainer, rate: int) -> Iterator[AudioFrame | None]:
    """As mono, with times of their own, then None: files that were cut or joined lie about their times."""
    to_mono = av.AudioResampler(format="s16", layout="mono", rate=rate)
    passed = 0
    for decoded in chain(_decoded(container), [None]):
        for frame in to_mono.resample(decoded):
            frame.pts, frame.time_base = passed, Fraction(1, rate)
            passed += frame.samples
            yield frame
    yield None


def _decoded(container: InputContainer) -> Iterator[AudioFrame]:
    for frame in container.decode(audio=0):
        frame.pts = None
        yield frame


def _make_graph(rate: int, tempo: float) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate, format="s16", layout="mono", time_base=Fraction(1, rate))
    steps = [graph.add("apad", "pad_dur=0.1"), graph.add("atempo", f"tempo={tempo:.6f}")] if tempo != 1.0 else []
    last = graph.add("aformat", f"sample_fmts=s16:channel_layouts=mono:sample_rates={rate}")
    graph.link_nodes(source, *steps, last, graph.add("abuffersink"))
    graph.configure()
    return graph


def _pull(graph: Graph) -> Iterator[bytes]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(frame, AudioFrame):
            yield np.ascontiguousarray(frame.to_ndarray()[0], dtype="<i2").tobytes()
