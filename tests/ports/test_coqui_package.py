"""Coqui in a process of ours. Its package with torch is too large for these tests: a stand-in has the names and
arguments of what GDial calls of it (`TTS.api.TTS`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from gdial.errors import SpeechUnavailable
from gdial.speech.coqui import CoquiEngine
from gdial.speech.processes import SpeechProcesses
from tests.ports.speech_port import SWEDISH, SpeechPortSuite

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMEOUT_SECONDS = 60.0
STAND_IN = """
import os, time
import numpy as np

class TTS:
    is_multi_lingual, is_multi_speaker, speakers = True, True, ["karin", "olle"]

    def __init__(self, model_name, progress_bar):
        while not os.path.exists(model_name):
            time.sleep(0.01)
        self.synthesizer = type("Synthesizer", (), {"output_sample_rate": 22050})

    def tts(self, text, speaker, language):
        assert speaker in self.speakers
        assert language in ("sv", "en")
        return list(1.3 * np.sin(np.arange(int(len(text) * 0.07 * 22050)) / 8))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    (folder / "TTS").mkdir()
    (folder / "TTS" / "__init__.py").touch()
    (folder / "TTS" / "api.py").write_text(STAND_IN)
    (folder / "model").mkdir()
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(packages: Path) -> AsyncIterator[CoquiEngine]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(packages))
        made = CoquiEngine(str(packages / "model"), ("sv", "en"), SpeechProcesses(), TIMEOUT_SECONDS)
        # The process starts at the first text, and takes the path with it.
        await made.speak(SWEDISH)
    yield made
    await made.close()


class TestCoquiPackage(SpeechPortSuite):
    async def test_can_be_closed_twice(self) -> None:  # type: ignore[override]
        own = CoquiEngine("model", ("sv",), SpeechProcesses(), TIMEOUT_SECONDS)
        await own.close()
        await own.close()


async def test_a_model_goes_on_loading_when_the_text_no_longer_waits(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(packages))
    processes = SpeechProcesses()
    own = CoquiEngine(str(tmp_path / "model"), ("sv",), processes, 0.1)
    with pytest.raises(SpeechUnavailable, match="still being loaded"):
        await own.speak(SWEDISH)
    (pid,) = processes.pids
    (tmp_path / "model").mkdir()
    spoken = None
    while spoken is None:
        with suppress(SpeechUnavailable):
            spoken = await own.speak(SWEDISH)
    assert processes.pids == [pid]
    await own.close()


async def test_without_the_package_it_says_what_to_type() -> None:
    own = CoquiEngine("model", ("sv",), SpeechProcesses(), TIMEOUT_SECONDS)
    with pytest.raises(SpeechUnavailable, match=r"pip install 'gdial\[coqui\]'"):
        await own.speak(SWEDISH)
    await own.close()
