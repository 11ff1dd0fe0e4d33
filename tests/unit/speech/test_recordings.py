"""Recordings that people upload, and files that are none."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress

import numpy as np
import pytest

from gdial.errors import InvalidInput
from gdial.speech.mulaw import pack_wav
from gdial.speech.recorded import read_recording
from gdial.speech.recording_process import read_in_process
from tests.unit.speech.listening import decode_file, loudest_hz, lufs
from tests.unit.speech.recording_files import KINDS, made_from, sound_file, tone, with_reference_to

WAV = made_from("WAV pcm_s16le")
M4A = made_from("M4A aac")
RIFF_OF = struct.Struct("<4sI4s4sIHHIIHH4sI")


def wav_with(*, channels: int = 1, rate: int = 8_000, tag: int = 1, data: bytes = bytes(16_000)) -> bytes:
    head = (b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, tag, channels, rate, rate * 2 % 2**32, 2, 16)
    return RIFF_OF.pack(*head, b"data", len(data)) + data


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_becomes_what_a_telephone_plays(kind: str) -> None:
    recorded = read_recording(made_from(kind))
    samples, codec, rate = decode_file(recorded.file)
    assert (recorded.made_from, codec, rate) == (kind, "pcm_mulaw", 8_000)
    assert recorded.seconds == pytest.approx(2.4, abs=0.1)
    assert loudest_hz(samples) == pytest.approx(700, abs=2)
    assert lufs(samples) == pytest.approx(-19, abs=0.5)


def test_a_whisper_and_a_shout_come_out_alike() -> None:
    heard = [decode_file(read_recording(pack_wav(tone(2, 8_000, size))).file)[0] for size in (60, 30_000)]
    assert lufs(heard[0]) == pytest.approx(lufs(heard[1]), abs=0.5)


HOSTILE = {
    "nothing": (b"", "is empty"),
    "a playlist": (b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/a.mp3\n", "none of WAV, MP3, M4A and OGG"),
    "a list for FFmpeg": (b"ffconcat version 1.0\nfile /etc/passwd\n", "none of WAV"),
    "a manifest": (b"<?xml version='1.0'?><MPD/>", "none of WAV"),
    "an archive": (b"PK\x03\x04" + bytes(100), "none of WAV"),
    "a video": (sound_file("mp4", "aac", 48_000, with_video=True), "is a video"),
    "matroska": (sound_file("matroska", "aac", 48_000), "none of WAV"),
    "silence": (wav_with(), "is silent"),
    "a click": (wav_with(data=tone(0.02, 8_000).tobytes()), "a recording has at least 0.2"),
    "no samples": (wav_with(data=b""), "is silent|damaged|soundtracks"),
    "a WAV that breaks off": (WAV[:80_000], "breaks off: it says 352,878 bytes, and 80,000"),
    "an M4A that breaks off": (M4A[:9_000], "is damaged, or no M4A"),
    "an OGG of zeros": (b"OggS" + bytes(4_000), "is damaged, or no OGG|soundtracks"),
    "an MP3 of zeros": (b"ID3\x04\0\0\0\0\0\0" + bytes(4_000), "is damaged, or no MP3|soundtracks|silent"),
    "a thousand channels": (wav_with(channels=1_000), "channels|damaged"),
    "no rate": (wav_with(rate=0), "Hz|damaged"),
    "four thousand million hertz": (wav_with(rate=2**32 - 1), "Hz|damaged"),
    "a codec nobody knows": (wav_with(tag=0x4711), "is coded in a way that is not taken"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_recording_is_told_so(name: str) -> None:
    file, reason = HOSTILE[name]
    with pytest.raises(InvalidInput, match=reason) as told:
        read_recording(file)
    assert (told.value.where, told.value.example) == ("file", "welcome.wav")


def test_ten_minutes_packed_into_little_are_cut_off_where_they_are_too_much() -> None:
    bomb = sound_file("ogg", "flac", 8_000, np.zeros(8_000 * 600, np.int16))
    assert len(bomb) < 200_000
    with pytest.raises(InvalidInput, match="longer than 5 minutes"):
        read_recording(bomb)


async def test_a_file_that_points_elsewhere_makes_nobody_fetch_it() -> None:
    asked: list[bytes] = []

    async def take_note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(100))
        writer.close()

    async with await asyncio.start_server(take_note, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        file = with_reference_to(M4A, f"http://127.0.0.1:{port}/elsewhere.m4a")
        assert file != M4A
        with suppress(InvalidInput):
            await read_in_process(file)
        with suppress(InvalidInput):
            await asyncio.to_thread(read_recording, file)
    assert asked == []


async def test_a_process_of_its_own_reads_the_same() -> None:
    sound, seconds, kind = await read_in_process(WAV)
    recorded = read_recording(WAV)
    assert (sound, seconds, kind) == (recorded.file, recorded.seconds, recorded.made_from)
    with pytest.raises(InvalidInput, match="breaks off"):
        await read_in_process(WAV[:80_000])
