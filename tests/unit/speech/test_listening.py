"""Does the piece say the text? Heard by programs that know nothing of how it was made."""

from __future__ import annotations

import numpy as np
import pytest

from gdial.speech.base import SpeechRequest
from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses
from tests.unit.speech.listening import Floats, decode_file, distance, features

pytestmark = pytest.mark.asyncio(loop_scope="module")

SWEDISH = [
    "Skolan är stängd i dag på grund av snö.",
    "Kom till sjukhuset så fort du kan.",
    "Det brinner i huset, gå ut genast.",
    "Mötet i morgon är flyttat till kommunhuset.",
    "Vattnet måste kokas innan du dricker det.",
    "Strömmen är tillbaka i hela kommunen.",
]

ENGLISH = [
    "the school is closed today because of a water leak",
    "please come to work at the hospital as soon as you can",
    "there is a fire in the building leave at once",
    "the meeting tomorrow has been moved to the town hall",
    "press one if you can come and two if you cannot",
]


async def telephone(engine: EspeakEngine, processes: SpeechProcesses, request: SpeechRequest) -> bytes:
    pcm = await engine.speak(request)
    facts = {"rate": pcm.rate, "pitch": request.pitch, "format": "wav"}
    return (await processes.run("audio.finish", facts, pcm.samples)).sound


async def test_each_swedish_sentence_is_told_from_the_others(engine: EspeakEngine, processes: SpeechProcesses) -> None:
    async def hear(text: str, voice: str | None, speed: float) -> Floats:
        file = await telephone(engine, processes, SpeechRequest(text, "sv", voice, speed))
        return features(decode_file(file)[0])

    references = [await hear(text, None, 1.0) for text in SWEDISH]
    for number, text in enumerate(SWEDISH):
        heard = await hear(text, "sv+f3", 0.9)
        distances = [distance(heard, reference) for reference in references]
        assert int(np.argmin(distances)) == number, text


async def test_each_english_sentence_is_understood_by_a_recogniser(
    engine: EspeakEngine, processes: SpeechProcesses
) -> None:
    pocketsphinx = pytest.importorskip("pocketsphinx")
    # Wide beams: its model knows sound up to 6,800 Hz, and a telephone carries half of that.
    config = pocketsphinx.Config(
        samprate=16_000, lm=None, loglevel="FATAL", beam=1e-120, pbeam=1e-120, wbeam=1e-100, lw=1.0, bestpath=False
    )
    decoder = pocketsphinx.Decoder(config)
    decoder.add_jsgf_string("texts", f"#JSGF V1.0; grammar texts; public <text> = {' | '.join(ENGLISH)};")
    decoder.activate_search("texts")
    for text in ENGLISH:
        file = await telephone(engine, processes, SpeechRequest(f"{text}.", "en-US", speed=0.9))
        decoder.start_utt()
        decoder.process_raw(to_16_khz(decode_file(file)[0]), full_utt=True)
        decoder.end_utt()
        heard = decoder.hyp()
        assert heard is not None
        assert heard.hypstr == text


def to_16_khz(samples: np.ndarray) -> bytes:
    spectrum = np.fft.rfft(samples.astype(float))
    wide = np.concatenate([spectrum, np.zeros(len(samples) + 1 - len(spectrum))])
    return np.clip(np.fft.irfft(wide, 2 * len(samples)) * 2, -32_768, 32_767).astype("<i2").tobytes()
