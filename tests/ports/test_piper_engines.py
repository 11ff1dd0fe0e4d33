"""Piper itself, through its package and as a program, with a voice that the tests build."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.base import Pcm, SpeechRequest
from gdial.speech.piper import PiperEngine
from gdial.speech.piper_models import PiperModels
from gdial.speech.piper_program import PiperProgram
from gdial.speech.processes import SpeechProcesses
from tests.ports.speech_port import ENGLISH, SWEDISH, SpeechPortSuite, seconds
from tests.support.tiny_voice import build_voice

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMEOUT_SECONDS = 60.0


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> PiperModels:
    folder = tmp_path_factory.mktemp("voices")
    swedish = build_voice(folder / "sv_SE-tiny.onnx", speakers={"karin": 0, "olle": 1})
    return PiperModels(swedish, {"en": build_voice(folder / "en_US-tiny.onnx", "en_US")})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(models: PiperModels) -> AsyncIterator[PiperEngine]:
    made = PiperEngine(models, SpeechProcesses(), TIMEOUT_SECONDS)
    yield made
    await made.close()


class TestPiperPackage(SpeechPortSuite):
    async def test_can_be_closed_twice(self, models: PiperModels) -> None:  # type: ignore[override]
        own = PiperEngine(models, SpeechProcesses(), TIMEOUT_SECONDS)
        await own.close()
        await own.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def program(models: PiperModels) -> AsyncIterator[PiperProgram]:
    processes = SpeechProcesses()
    yield PiperProgram(Path(sys.executable).with_name("piper"), models, processes, TIMEOUT_SECONDS)
    await processes.close()


def pitch_hz(pcm: Pcm) -> float:
    """The loudest tone."""
    samples = np.frombuffer(pcm.samples, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * pcm.rate / len(samples)


async def test_the_program_says_what_the_package_says(engine: PiperEngine, program: PiperProgram) -> None:
    asked = SpeechRequest("Hej [[ -- kan ni? --pitch 3 \x00 komma.", "sv", speed=2.0, voice="olle")
    spoken, written = await asyncio.gather(engine.speak(asked), program.speak(asked))
    assert written.rate == spoken.rate
    assert seconds(written) == pytest.approx(seconds(spoken), rel=0.01)
    with pytest.raises(InvalidInput, match=r"there are: en, sv"):
        await program.speak(SpeechRequest("Hei", "fi"))
    assert engine.name == program.name


async def test_a_speaker_is_a_voice(engine: PiperEngine) -> None:
    karin, olle = [await engine.speak(SpeechRequest("mmm", "sv", voice=voice)) for voice in ("karin", "Olle")]
    assert pitch_hz(olle) > 1.5 * pitch_hz(karin)
    with pytest.raises(InvalidInput, match="there are: sv_SE-tiny, karin, olle"):
        await engine.speak(SpeechRequest("mmm", "sv", voice="nobody"))


async def test_a_language_has_its_own_model(engine: PiperEngine, models: PiperModels) -> None:
    assert models.choose("en-GB", None).path.stem == "en_US-tiny"
    assert models.choose("sv", None).path.stem == "sv_SE-tiny"


@pytest.mark.parametrize(
    ("written", "told"),
    [("", "does not describe a Piper voice"), ("[]", "does not describe"), ('{"espeak": {}}', "does not describe")],
)
async def test_a_bad_description_is_told(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "voice.onnx").write_bytes(b"not a model")
    (tmp_path / "voice.onnx.json").write_text(written)
    with pytest.raises(SpeechUnavailable, match=told):
        PiperModels(tmp_path / "voice.onnx", {}).choose("sv", None)


async def test_a_model_that_is_not_there_or_of_another_language_is_told(tmp_path: Path, models: PiperModels) -> None:
    with pytest.raises(SpeechUnavailable, match=r"there is no Piper voice .*gone\.onnx"):
        PiperModels(tmp_path / "gone.onnx", {}).choose("sv", None)
    with pytest.raises(SpeechUnavailable, match="is a voice for en-us, but PIPER_MODEL_SV names it"):
        PiperModels(None, {"sv": models.by_language["en"]}).choose("sv", None)


async def test_a_broken_model_is_told_and_another_file_gives_another_name(tmp_path: Path) -> None:
    path = build_voice(tmp_path / "voice.onnx")
    first = PiperModels(path, {}).fingerprint
    path.write_bytes(b"cut off")
    engine = PiperEngine(PiperModels(path, {}), SpeechProcesses(), TIMEOUT_SECONDS)
    with pytest.raises(SpeechUnavailable):
        await engine.speak(SWEDISH)
    await engine.close()
    assert engine.name != f"piper {first}"


async def test_killed_in_the_middle_of_a_text_it_speaks_it_all_the_same(models: PiperModels) -> None:
    processes = SpeechProcesses()
    engine = PiperEngine(models, processes, TIMEOUT_SECONDS)
    await engine.speak(ENGLISH)
    (pid,) = processes.pids
    speaking = asyncio.create_task(engine.speak(SpeechRequest("Hej på dig. " * 300, "sv")))
    await asyncio.to_thread(wait_until_it_works, pid, speaking)
    os.kill(pid, signal.SIGKILL)
    assert seconds(await speaking) > 100
    assert processes.restarts == 1
    await engine.close()


def wait_until_it_works(pid: int, speaking: asyncio.Task[Pcm]) -> None:
    """Between texts the process sleeps."""
    while not speaking.done() and " S " in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]:
        time.sleep(0.001)


def program_that(folder: Path, does: str) -> Path:
    """Started by a shell: the first line of a script can name no path with a space."""
    script, path = folder / "piper.py", folder / "piper"
    script.write_text(f"import os, sys, time\n{does}\n")
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(script))} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("sys.exit('no such voice')", "ended with 1: no such voice"),
        ("open(sys.argv[sys.argv.index('-f') + 1], 'w')", "without a sound file"),
        ("pass", "without a sound file"),
        ("open(sys.argv[sys.argv.index('-f') + 1], 'w').write('rubbish' * 99)", "no wav file"),
        ("time.sleep(600)", r"within 1\.\d+ seconds"),
    ],
)
async def test_a_program_that_fails_is_told(tmp_path: Path, models: PiperModels, does: str, told: str) -> None:
    processes = SpeechProcesses()
    engine = PiperProgram(program_that(tmp_path, does), models, processes, 0.2 if "600" in does else TIMEOUT_SECONDS)
    with pytest.raises(SpeechUnavailable, match=told):
        await engine.speak(SWEDISH)
    await processes.close()


async def test_a_program_sees_none_of_our_secrets(
    tmp_path: Path, models: PiperModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "a-secret")
    seen = tmp_path / "seen.json"
    processes = SpeechProcesses()
    does = f"import json; json.dump([dict(os.environ), sys.stdin.read()], open({str(seen)!r}, 'w'))"
    engine = PiperProgram(program_that(tmp_path, does), models, processes, TIMEOUT_SECONDS)
    with pytest.raises(SpeechUnavailable):
        await engine.speak(SpeechRequest("Hej -- du", "sv"))
    environment, text = json.loads(seen.read_text())
    assert "TWILIO_AUTH_TOKEN" not in environment
    assert text == "Hej -- du\n"


async def test_a_program_that_is_not_there_is_told(tmp_path: Path, models: PiperModels) -> None:
    engine = PiperProgram(tmp_path / "gone", models, SpeechProcesses(), TIMEOUT_SECONDS)
    with pytest.raises(SpeechUnavailable, match=r"PIPER_BINARY .*gone cannot be started: No such file"):
        await engine.speak(SWEDISH)
