"""From an engine's sound to a piece a telephone plays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gdial.errors import SpeechUnavailable
from gdial.speech.audio import make_piece
from gdial.speech.base import Pcm, SpeechRequest
from gdial.speech.espeak import EspeakEngine
from gdial.speech.formats import FORMATS
from gdial.speech.loudness import CEILING, limit, measure_lufs
from gdial.speech.mulaw import decode, encode, pack_wav, unpack_wav
from tests.unit.speech.listening import decode_file, dtmf_keys, level_at, loudest_hz, lufs

pytestmark = pytest.mark.asyncio(loop_scope="module")

SENTENCES = [
    ("sv", "Skolan är stängd i dag på grund av en vattenläcka. Tryck ett för att bekräfta."),
    ("en", "The school is closed today because of a water leak. Press one to confirm."),
    ("en-US", "Please come to the hospital as soon as you can."),
]


def tone(hertz: float, seconds: float = 1.5, rate: int = 22_050, size: float = 8_000) -> Pcm:
    times = np.arange(int(seconds * rate)) / rate
    return Pcm((size * np.sin(2 * np.pi * hertz * times)).astype("<i2").tobytes(), rate)


def joined(*pieces: Pcm) -> Pcm:
    return Pcm(b"".join(piece.samples for piece in pieces), pieces[0].rate)


def silence(seconds: float, rate: int = 22_050) -> Pcm:
    return Pcm(bytes(int(seconds * rate) * 2), rate)


def hear(pcm: Pcm, pitch: float = 0) -> NDArray[np.int16]:
    return unpack_wav(make_piece(pcm, pitch).file)


async def test_the_file_is_mulaw_with_the_header_that_tag_7_requires() -> None:
    file = make_piece(tone(1_000, seconds=1)).file
    size = len(file) - 58
    expected = (
        b"RIFF" + (len(file) - 8).to_bytes(4, "little") + b"WAVE"
        b"fmt \x12\0\0\0" + b"\x07\0" + b"\x01\0" + b"\x40\x1f\0\0" + b"\x40\x1f\0\0" + b"\x01\0" + b"\x08\0" + b"\0\0"
        b"fact\x04\0\0\0" + size.to_bytes(4, "little") + b"data" + size.to_bytes(4, "little")
    )
    assert file[:58] == expected
    samples, codec, rate = decode_file(file)
    assert (codec, rate) == ("pcm_mulaw", 8_000)
    assert np.array_equal(samples, unpack_wav(file)), "ffmpeg decodes the same samples"


async def test_mulaw_keeps_every_sample_within_its_step() -> None:
    samples = np.arange(-32_768, 32_768, dtype=np.int32).astype(np.int16)
    wanted = samples.astype(int)
    error = np.abs(decode(encode(samples)) - np.clip(wanted, -32_635, 32_635))
    assert np.all(error <= (np.abs(wanted) + 132) / 32 + 1), "half a step, which grows with the sample"
    assert np.array_equal(decode(encode(decode(bytes(range(256))))), decode(bytes(range(256))))


async def test_an_odd_number_of_samples_is_padded_outside_the_data() -> None:
    file = pack_wav(np.ones(11, np.int16))
    assert len(file) == 58 + 12
    assert len(unpack_wav(file)) == 11


@pytest.mark.parametrize("file", [b"", b"RIFF", pack_wav(np.zeros(9, np.int16))[:-3], b"ID3" * 50])
async def test_another_file_is_refused(file: bytes) -> None:
    with pytest.raises(ValueError, match="WAV"):
        unpack_wav(file)


@pytest.mark.parametrize(("language", "text"), SENTENCES)
@pytest.mark.parametrize("pitch", [0, -10, 6])
async def test_every_sentence_is_equally_loud_and_never_clips(
    engine: EspeakEngine, language: str, text: str, pitch: float
) -> None:
    heard = hear(await engine.speak(SpeechRequest(text, language)), pitch)
    assert lufs(heard) == pytest.approx(-19, abs=0.5)
    assert np.abs(heard.astype(int)).max() < 32_768 * 10 ** (-0.5 / 20)


@pytest.mark.parametrize("text", ["Hej!", "Ja", "a"])
async def test_a_single_short_word_is_as_loud(engine: EspeakEngine, text: str) -> None:
    heard = hear(await engine.speak(SpeechRequest(text, "sv")))
    assert 0.5 < len(heard) / 8_000 < 1.2
    assert lufs(heard) == pytest.approx(-19, abs=1.5)


@pytest.mark.parametrize("size", [40, 800, 32_000])
async def test_a_quiet_and_a_loud_voice_come_out_alike(size: float) -> None:
    assert lufs(hear(tone(1_000, size=size))) == pytest.approx(-19, abs=0.5)


def pulses(hertz: float, damping: float, rate: int = 16_000) -> Pcm:
    """A voice of a throat and a mouth; the stronger the damping, the higher its peaks stand out."""
    times = np.arange(200) / rate
    throat = np.zeros(rate * 3)
    throat[:: int(rate / hertz)] = np.sin(np.arange(len(throat[:: int(rate / hertz)])) / 40) > -0.3
    mouth = np.sum([np.exp(-times * damping) * np.sin(2 * np.pi * f * times) for f in (600, 1_400, 2_500)], axis=0)
    sound = np.convolve(throat, mouth)[: len(throat)]
    return Pcm((20_000 * sound / np.abs(sound).max()).astype("<i2").tobytes(), rate)


@pytest.mark.parametrize(("hertz", "damping"), [(220, 200), (110, 400), (70, 900), (40, 1_500)])
async def test_a_smooth_and_a_peaky_voice_are_equally_loud(hertz: float, damping: float) -> None:
    heard = hear(pulses(hertz, damping))
    assert lufs(heard) == pytest.approx(-19, abs=0.5)
    assert np.abs(heard.astype(int)).max() < 32_768 * 10 ** (-0.5 / 20)


async def test_without_an_mp3_encoder_the_piece_is_a_wav_file() -> None:
    piece = make_piece(tone(1_000), audio_format="mp3", mp3_encoder="one that no build has")
    assert (piece.audio_format, decode_file(piece.file)[1]) == ("wav", "pcm_mulaw")


@pytest.mark.parametrize("pitch", [-10, -3.5, 4, 10])
async def test_pitch_moves_by_semitones_and_keeps_the_length(pitch: float) -> None:
    original, moved = hear(tone(800)), hear(tone(800), pitch)
    assert 12 * np.log2(loudest_hz(moved) / loudest_hz(original)) == pytest.approx(pitch, abs=0.5)
    assert -0.01 < (len(moved) - len(original)) / 8_000 < 0.05, "the end is not cut off"


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 48_000])
async def test_every_rate_an_engine_may_have_keeps_pitch_and_length(rate: int) -> None:
    heard = hear(tone(1_000, rate=rate))
    assert loudest_hz(heard) == pytest.approx(1_000, abs=2)
    assert len(heard) / 8_000 == pytest.approx(1.9, abs=0.05)


async def test_what_a_telephone_does_not_carry_is_taken_out_before_loudness_is_measured() -> None:
    mix = np.frombuffer(tone(1_000).samples, "<i2") // 2 + np.frombuffer(tone(100).samples, "<i2") // 2
    heard = hear(Pcm(mix.astype("<i2").tobytes(), 22_050))
    assert level_at(heard, 100) < level_at(heard, 1_000) / 5


async def test_silence_at_the_ends_is_replaced_by_a_lead_in_and_a_tail() -> None:
    heard = hear(joined(silence(2), tone(1_000, 1), silence(0.5), tone(1_000, 1), silence(3)))
    loud = np.flatnonzero(np.abs(heard.astype(int)) > 500)
    assert 0.25 <= loud[0] / 8_000 < 0.30
    assert 0.15 <= (len(heard) - loud[-1]) / 8_000 < 0.20
    assert len(heard) / 8_000 == pytest.approx(0.25 + 2.5 + 0.15, abs=0.1), "the pause inside stays"


@pytest.mark.parametrize("pcm", [Pcm(b"", 22_050), silence(2), Pcm(bytes(20), 22_050)])
async def test_silence_is_an_error_and_not_a_piece(pcm: Pcm) -> None:
    with pytest.raises(SpeechUnavailable, match="silence"):
        make_piece(pcm)


async def test_no_keypress_is_heard_in_speech(engine: EspeakEngine) -> None:
    for language, text in SENTENCES:
        assert dtmf_keys(hear(await engine.speak(SpeechRequest(text, language)))) == ""
    key = np.frombuffer(tone(852).samples, "<i2") // 2 + np.frombuffer(tone(1_336).samples, "<i2") // 2
    assert set(dtmf_keys(hear(Pcm(key.astype("<i2").tobytes(), 22_050)))) == {"8"}, "the ear hears keys"


async def test_mp3_says_the_same_for_as_long(engine: EspeakEngine) -> None:
    pcm = await engine.speak(SpeechRequest(SENTENCES[0][1], SENTENCES[0][0]))
    wav, mp3 = make_piece(pcm), make_piece(pcm, audio_format="mp3")
    samples, codec, rate = decode_file(mp3.file)
    assert (mp3.audio_format, codec, rate) == ("mp3", "mp3float", 8_000)
    assert FORMATS["mp3"].seconds(len(mp3.file)) == pytest.approx(len(samples) / rate, abs=0.1)
    assert FORMATS["mp3"].seconds(len(mp3.file)) == pytest.approx(FORMATS["wav"].seconds(len(wav.file)), abs=0.3)
    assert lufs(samples) == pytest.approx(-19, abs=1)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
async def test_loudness_agrees_with_ffmpegs_meter(rate: int) -> None:
    noise = np.random.default_rng(7).normal(0, 2_000, rate * 4)
    noise[rate : 2 * rate] *= 0.01
    heard = np.convolve(noise, np.full(4, 0.5)).astype(np.int16)
    assert measure_lufs(heard / 32_768, rate) == pytest.approx(lufs(heard, rate), abs=0.2)


async def test_the_limiter_never_lets_a_peak_through_and_leaves_the_rest_alone() -> None:
    sound = np.random.default_rng(3).normal(0, 0.1, 16_000)
    sound[[0, 5_000, 5_001, 15_999]] = (3.0, -2.0, 1.5, 9.0)
    limited = limit(sound, 8_000)
    assert np.abs(limited).max() <= CEILING + 1e-9
    assert np.allclose(limited[1_000:4_000], sound[1_000:4_000])
