"""Files as people and their enemies upload them, made by FFmpeg."""

from __future__ import annotations

import io

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

KINDS = {
    "WAV pcm_s16le": ("wav", "pcm_s16le", 44_100),
    "WAV pcm_s24le": ("wav", "pcm_s24le", 96_000),
    "WAV pcm_alaw": ("wav", "pcm_alaw", 8_000),
    "MP3 mp3float": ("mp3", "libmp3lame", 44_100),
    "M4A aac": ("ipod", "aac", 48_000),
    "OGG opus": ("ogg", "libopus", 48_000),
    "OGG flac": ("ogg", "flac", 44_100),
}


def tone(seconds: float, rate: int, size: float = 6_000, hertz: float = 700) -> NDArray[np.int16]:
    times = np.arange(int(seconds * rate)) / rate
    return (size * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def sound_file(
    container: str, codec: str, rate: int, samples: NDArray[np.int16] | None = None, *, with_video: bool = False
) -> bytes:
    """Two seconds of a tone in stereo, or these samples."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="stereo")
        assert isinstance(stream, AudioStream)
        if with_video:
            _add_picture(output)
        resampler = AudioResampler(format=stream.codec_context.format.name, layout="stereo", rate=rate)
        sound = tone(2, rate) if samples is None else samples
        for start in range(0, len(sound), 4_096):
            frame = AudioFrame.from_ndarray(np.repeat(sound[start : start + 4_096], 2)[np.newaxis], "s16", "stereo")
            frame.sample_rate, frame.pts = rate, start
            for resampled in resampler.resample(frame):
                output.mux(stream.encode(resampled))
        output.mux(stream.encode(None))
    return file.getvalue()


def made_from(kind: str) -> bytes:
    return sound_file(*KINDS[kind])


def with_reference_to(m4a: bytes, url: str) -> bytes:
    """The same file, saying that its sound lies at an address (ISO/IEC 14496-12, `dref` and `url `)."""
    return _rewrite(m4a, url.encode() + b"\0")


def _rewrite(boxes: bytes, location: bytes) -> bytes:
    done = b""
    while boxes:
        size, name = int.from_bytes(boxes[:4], "big"), boxes[4:8]
        body, boxes = boxes[8:size], boxes[size:]
        if name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
            body = _rewrite(body, location)
        elif name == b"dref":
            entry = b"url " + b"\0\0\0\0" + location
            body = body[:8] + (len(entry) + 4).to_bytes(4, "big") + entry
        done += (len(body) + 8).to_bytes(4, "big") + name + body
    return done


def _add_picture(output: OutputContainer) -> None:
    video = output.add_stream("mpeg4", rate=25)
    video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
    picture = VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
    picture.pts = 0
    output.mux(video.encode(picture))
    output.mux(video.encode(None))
