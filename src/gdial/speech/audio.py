"""The one way from an engine's sound to a piece a telephone plays: pitch, band, silence, loudness, encoding.

Runs in a speech process: it takes about a hundredth of a piece's length in CPU time.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.codec import UnknownCodecError
from av.filter import Graph

from gdial.errors import SpeechUnavailable
from gdial.speech.base import Pcm
from gdial.speech.formats import MP3_BITS_PER_SECOND, TELEPHONE_RATE, AudioFormat
from gdial.speech.frames import Frame
from gdial.speech.loudness import Sound, make_even
from gdial.speech.mulaw import Samples, pack_wav

# Below 300 and above 3400 Hz a telephone carries nothing; what is filtered here does not count as loudness.
LOWEST_HZ, HIGHEST_HZ = 300, 3_400
# The line is often opened a moment after the person answers: the first word must not fall into that moment.
LEAD_IN_SECONDS = 0.25
TAIL_SECONDS = 0.15
# Quieter than this below the loudest moment, at an end, is silence; a soft s or f lies well above it.
SILENCE_DB = -45.0
KEPT_SECONDS = 0.03
FRAME_SECONDS = 0.01
CHUNK_SAMPLES = 16_384
FULL_SCALE = 32_768.0
MP3_ENCODER = "libmp3lame"


@dataclass(frozen=True, slots=True)
class Piece:
    """An encoded file. `audio_format` is not what was asked for when that cannot be made here."""

    file: bytes
    audio_format: AudioFormat


def finish(request: Frame) -> Frame:
    """Job: facts `rate`, `pitch`, `format` with the samples; answers `format` with the file."""
    pcm = Pcm(request.sound, request.facts["rate"])
    piece = make_piece(pcm, request.facts["pitch"], request.facts["format"])
    return Frame({"format": piece.audio_format}, piece.file)


def make_piece(
    pcm: Pcm, pitch: float = 0.0, audio_format: AudioFormat = "wav", *, mp3_encoder: str = MP3_ENCODER
) -> Piece:
    """An engine's sound as a file of 8 kHz mono: µ-law WAV, or MP3 where an encoder is there (WAV where not).

    `pitch` moves by semitones and keeps the length. Raises `SpeechUnavailable` for silence.
    """
    sound = _pad(_trim_silence(_to_telephone(pcm, pitch)))
    samples = np.round(make_even(sound, TELEPHONE_RATE) * (FULL_SCALE - 1)).astype(np.int16)
    if audio_format == "mp3" and (file := _encode_mp3(samples, mp3_encoder)) is not None:
        return Piece(file, "mp3")
    return Piece(pack_wav(samples), "wav")


def _to_telephone(pcm: Pcm, pitch: float) -> Sound:
    """Pitch, band and rate in one pass through a filter graph."""
    graph = _make_graph(pcm.rate, pitch)
    chunks: list[Sound] = []
    for frame in (*_split(pcm), None):
        graph.push(frame)
        chunks.extend(_pull(graph))
    return np.concatenate([np.zeros(0), *chunks])


def _make_graph(rate: int, pitch: float) -> Graph:
    factor = 2 ** (pitch / 12)
    shift = [
        # Played faster the voice is higher; the tempo then gives its length back.
        ("asetrate", f"r={round(rate * factor)}"),
        # The tempo filter keeps its last window for itself.
        ("apad", "pad_dur=0.1"),
        ("atempo", f"tempo={1 / factor:.6f}"),
    ]
    steps = [
        *(shift if pitch else []),
        ("aresample", str(TELEPHONE_RATE)),
        ("highpass", f"f={LOWEST_HZ}"),
        ("lowpass", f"f={HIGHEST_HZ}"),
        ("aformat", f"sample_fmts=flt:channel_layouts=mono:sample_rates={TELEPHONE_RATE}"),
    ]
    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate, format="s16", layout="mono", time_base=Fraction(1, rate))
    graph.link_nodes(source, *(graph.add(name, options) for name, options in steps), graph.add("abuffersink"))
    graph.configure()
    return graph


def _split(pcm: Pcm) -> Iterator[AudioFrame]:
    samples = np.frombuffer(pcm.samples, "<i2").astype(np.int16)
    for start in range(0, len(samples), CHUNK_SAMPLES):
        yield _make_frame(samples[start : start + CHUNK_SAMPLES], pcm.rate, start)


def _make_frame(samples: Samples, rate: int, start: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
    return frame


def _pull(graph: Graph) -> Iterator[Sound]:
    """Everything the graph has ready now."""
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(frame, AudioFrame):
            yield frame.to_ndarray()[0].astype(np.float64)


def _trim_silence(sound: Sound) -> Sound:
    frame = int(FRAME_SECONDS * TELEPHONE_RATE)
    count = len(sound) // frame
    levels = np.sqrt(np.mean(sound[: count * frame].reshape(count, frame) ** 2, axis=1))
    if not count or levels.max() * FULL_SCALE < 1:
        raise SpeechUnavailable("the voice gave silence")
    loud = np.flatnonzero(levels > levels.max() * 10 ** (SILENCE_DB / 20))
    kept = int(KEPT_SECONDS * TELEPHONE_RATE)
    return sound[max(loud[0] * frame - kept, 0) : (loud[-1] + 1) * frame + kept]


def _pad(sound: Sound) -> Sound:
    lead_in, tail = (round(seconds * TELEPHONE_RATE) for seconds in (LEAD_IN_SECONDS, TAIL_SECONDS))
    return np.pad(sound, (lead_in, tail))


def _encode_mp3(samples: Samples, encoder: str) -> bytes | None:
    """A constant bit rate and no tags, so that the size tells the length; None without an encoder."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options={"write_xing": "0", "id3v2_version": "0"}) as container:
        try:
            stream = container.add_stream(encoder, rate=TELEPHONE_RATE, layout="mono")
        except UnknownCodecError:
            return None
        if not isinstance(stream, AudioStream):
            return None
        stream.bit_rate = MP3_BITS_PER_SECOND
        for start in range(0, len(samples), CHUNK_SAMPLES):
            frame = _make_frame(samples[start : start + CHUNK_SAMPLES], TELEPHONE_RATE, start)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
