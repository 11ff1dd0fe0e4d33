"""What somebody recorded, made into a piece a telephone plays. Runs in a process of its own: the file is a stranger's.

The container is told by its first bytes and opened as that and nothing else, so that no playlist is followed; FFmpeg
may open no other file and no address; what is decoded is counted, whatever the file says of its length.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.stream import Disposition

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.audio import LEAD_IN_SECONDS, TAIL_SECONDS, make_piece
from gdial.speech.base import Pcm
from gdial.speech.formats import FORMATS, TELEPHONE_RATE
from gdial.speech.mulaw import pack_wav
from gdial.speech.recording_limits import KINDS, LONGEST_SECONDS, SHORTEST_SECONDS

DECODED_RATE = 16_000
SAMPLE_BYTES = 2
RATES = range(4_000, 192_001)
MOST_CHANNELS = 8
BROKEN_PACKETS = 0.02
"""So much of a file may be damaged and is skipped; an MP3 often begins with half a frame."""
MISSING_SECONDS = 1.0

# FFmpeg's names: https://ffmpeg.org/ffmpeg-codecs.html
CODECS = frozenset(
    {
        *("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw"),
        *("adpcm_ms", "adpcm_ima_wav", "mp3", "mp3float", "aac", "alac", "vorbis", "opus", "libopus", "flac"),
    }
)
DEMUXERS = {"WAV": "wav", "MP3": "mp3", "M4A": "mov", "OGG": "ogg"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A µ-law WAV file, the seconds of it, and what it was made from, such as `OGG opus`."""

    file: bytes
    seconds: float
    made_from: str


def load_all() -> None:
    """PyAV loads parts of itself at their first use; where nothing can be opened any more that must be done before."""
    for part in ("av.video.stream", "av.video.frame", "av.subtitles.stream"):
        import_module(part)
    tone = np.sin(np.arange(TELEPHONE_RATE) * 0.5) * 8_000
    read_recording(pack_wav(tone.astype(np.int16)))


def read_recording(file: bytes) -> Recorded:
    """Raises `InvalidInput` for what is no recording, says nothing, is too long or damaged."""
    if not file:
        raise _refused("is empty")
    kind = _kind_of(file)
    if kind == "WAV":
        _check_riff_size(file)
    try:
        with _open(file, kind) as container:
            stream = _only_sound(container)
            codec = stream.codec_context.name
            samples = b"".join(_decode(container, stream))
            _check_whole(container, kind, len(samples))
    except FFmpegError as error:
        raise _refused(f"is damaged, or no {kind} file: {error.strerror or 'it cannot be read'}") from error
    piece = _finish(samples)
    return Recorded(piece, FORMATS["wav"].seconds(len(piece)), f"{kind} {codec}")


def _kind_of(file: bytes) -> str:
    for kind, begins in KINDS.items():
        if begins(file[:16]):
            return kind
    raise _refused(
        "is none of WAV, MP3, M4A and OGG; a playlist, a video or another sound must be saved as one of these"
    )


def _open(file: bytes, kind: str) -> InputContainer:
    limits = {"protocol_whitelist": "none", "max_streams": "16", "probesize": "1000000", "analyzeduration": "5000000"}
    return av.open(
        io.BytesIO(file),
        "r",
        format=DEMUXERS[kind],
        container_options=limits,
        io_open=_open_nothing,
        metadata_errors="ignore",
    )


def _open_nothing(url: str, flags: int, options: object) -> NoReturn:
    raise _refused("names other files instead of holding its sound")


def _only_sound(container: InputContainer) -> AudioStream:
    if any(not video.disposition & Disposition.attached_pic for video in container.streams.video):
        raise _refused("is a video; save its sound alone")
    sounds = container.streams.audio
    if len(sounds) != 1:
        raise _refused(f"has {len(sounds)} soundtracks; one is needed")
    # PyAV's types leave out that there is none for what FFmpeg cannot decode.
    context: AudioCodecContext | None = sounds[0].codec_context
    if context is None or context.name not in CODECS:
        known = "in a way that is" if context is None else f"as {context.name}, which is"
        raise _refused(f"is coded {known} not taken; save it as a plain WAV file")
    if context.sample_rate not in RATES or not 1 <= context.channels <= MOST_CHANNELS:
        raise _refused(f"has {context.channels} channels at {context.sample_rate} Hz; save it as mono at 16000 Hz")
    return sounds[0]


def _decode(container: InputContainer, stream: AudioStream) -> Iterator[bytes]:
    """16-bit mono at `DECODED_RATE`, as long as that is not too much."""
    resampler = AudioResampler(format="s16", layout="mono", rate=DECODED_RATE)
    packets = broken = samples = 0
    for packet in container.demux(stream):
        packets += 1
        try:
            frames = packet.decode()
        except InvalidDataError:
            broken += 1
            continue
        for frame in (resampled for decoded in frames for resampled in resampler.resample(decoded)):
            samples += frame.samples
            if samples > LONGEST_SECONDS * DECODED_RATE:
                raise _refused(f"is longer than {LONGEST_SECONDS // 60} minutes, the longest that is played")
            yield frame.to_ndarray().astype("<i2").tobytes()
    yield from (frame.to_ndarray().astype("<i2").tobytes() for frame in resampler.resample(None))
    if broken > 1 + BROKEN_PACKETS * packets:
        raise _refused(f"is damaged: {broken} of its {packets} parts cannot be read")


def _check_whole(container: InputContainer, kind: str, decoded_bytes: int) -> None:
    """Where the file's head tells its length; in MP3 and OGG that is a guess, and a WAV tells its size."""
    if kind != "M4A" or not container.duration:
        return
    told, there = container.duration / av.time_base, decoded_bytes / SAMPLE_BYTES / DECODED_RATE
    if there < told - MISSING_SECONDS:
        raise _refused(f"breaks off: it says {told:.0f} seconds, and {there:.0f} are there; send it again")


def _check_riff_size(file: bytes) -> None:
    """A program that writes while it records leaves 0 or the highest number."""
    told, there = int.from_bytes(file[4:8], "little") + 8, len(file)
    if told - 8 not in (0, 2**32 - 1) and there < told - 1:
        raise _refused(f"breaks off: it says {told:,} bytes, and {there:,} are there; send it again")


def _finish(samples: bytes) -> bytes:
    try:
        file = make_piece(Pcm(samples, DECODED_RATE)).file
    except SpeechUnavailable:
        raise _refused("is silent") from None
    heard = FORMATS["wav"].seconds(len(file)) - LEAD_IN_SECONDS - TAIL_SECONDS
    if heard < SHORTEST_SECONDS or not np.frombuffer(samples, "<i2").any():
        raise _refused(f"has {heard:.1f} seconds of sound; a recording has at least {SHORTEST_SECONDS:g}")
    return file


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(reason, where="file", example="welcome.wav")
