"""`gdial speak` and `gdial voices`: nothing is running, and nothing is there but the package."""

from __future__ import annotations

import json

import pytest

from tests.integration.cli.commands import Place
from tests.integration.cli.test_doctor import beside
from tests.support.tiny_voice import build_voice
from tests.support.voice_stubs import voice_stub


@pytest.fixture
def with_piper(place: Place) -> Place:
    voice = build_voice(place.folder / "sv_SE-tiny.onnx", speakers={"karin": 0, "olle": 1})
    place.set(piper_model=voice, piper_model_en=build_voice(place.folder / "en_US-tiny.onnx", "en_US"))
    return place


@pytest.mark.parametrize(("engine", "language"), [("espeak", "en"), ("piper", "sv")])
def test_a_text_becomes_a_file_that_a_telephone_plays(with_piper: Place, engine: str, language: str) -> None:
    text = {"sv": "Skolan är stängd i dag.", "en": "The school is closed today."}[language]
    told = with_piper.run_json("speak", text, "--language", language, "--engine", engine, "--out", "out.wav")
    assert told["engine"].partition(" ")[0] == engine
    assert 1 < told["seconds"] < 5
    assert told["lufs"] == pytest.approx(-19, abs=1)
    assert told["peak_dbfs"] <= -0.9
    file = (with_piper.folder / "out.wav").read_bytes()
    assert (file[:4], file[20:22], len(file)) == (b"RIFF", b"\x07\x00", told["bytes"])


def test_people_are_told_length_loudness_peak_and_format(place: Place) -> None:
    done = place.run("speak", "Hej på dig", "--speed", "0.5", "--pitch", "-3", "--format", "mp3")
    assert done.returncode == 0, done.stderr
    for told in ("espeak", " s", "LUFS", "dBFS", "MP3, 8000 Hz, mono"):
        assert told in done.stdout
    assert "--out FILE" in done.stderr
    assert sorted(path.name for path in place.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Hej", "--engine", "festival"), "there are: espeak, piper, coqui, google, gtts"),
        (("Hej", "--engine", "piper", "--voice", "kerstin"), "there are: sv_SE-tiny, karin, olle"),
    ],
)
def test_a_mistake_is_told_with_what_there_is(with_piper: Place, words: tuple[str, ...], told: str) -> None:
    done = with_piper.run("speak", *words)
    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_voices_tells_what_can_speak_here_and_why_the_others_cannot(with_piper: Place) -> None:
    with_piper.set(tts_fallback="piper", coqui_url="http://127.0.0.1:9", coqui_languages="sv")
    listed = {each["engine"]: each for each in with_piper.run_json("voices")}
    assert [each["turn"] for each in listed.values()] == [1, 2, None, None, None]
    assert len(listed["espeak"]["voices"]) > 100
    assert listed["piper"]["voices"] == {"en": ["en_US-tiny"], "sv": ["sv_SE-tiny", "karin", "olle"]}
    assert "cannot be reached" in listed["coqui"]["why_not"]
    assert "GOOGLE_TTS_API_KEY is missing" in listed["google"]["why_not"]


def test_voices_and_doctor_ask_a_server(place: Place) -> None:
    place.set(tts_fallback="piper", piper_model=build_voice(place.folder / "sv.onnx"))
    with beside(voice_stub()) as stub:
        place.set(tts_engine="google", google_tts_endpoint=stub.address, google_tts_api_key="a-secret-key")
        (listed,) = place.run_json("voices", "--engine", "google", "--language", "en-US")
        assert listed["voices"] == {"en-US": ["en-US-Wavenet-C"], "en-GB": ["en-GB-Wavenet-D"]}
        stub.mood = "broken"
        sick = place.run("doctor", "--json")
    found = {each["part"]: each for each in json.loads(sick.stdout)}
    assert found["voice google"]["verdict"] == "fault"
    assert "no memory left" in found["voice google"]["detail"]
    assert "en left to the next voice" in found["voice piper"]["detail"]
    assert "a-secret-key" not in sick.stdout + sick.stderr
