"""Speech processes and engines for the tests of this room.

A module's tests share processes and loop; tests that harm a process make their own with `own_processes`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def processes() -> AsyncIterator[SpeechProcesses]:
    made = SpeechProcesses()
    yield made
    await made.close()


@pytest.fixture
def engine(processes: SpeechProcesses) -> EspeakEngine:
    return EspeakEngine(processes)


@pytest.fixture
async def own_processes() -> AsyncIterator[SpeechProcesses]:
    made = SpeechProcesses()
    yield made
    await made.close()
