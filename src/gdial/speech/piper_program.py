"""Piper as a program of its own, where its Python package cannot be installed: one start for each text.

Its options as both the package's `piper` and the older one in C++ read them; unknown ones would be spoken.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from gdial.errors import SpeechUnavailable
from gdial.speech.base import Pcm, SpeechLate, SpeechRequest
from gdial.speech.patience import longest_seconds
from gdial.speech.piper import SENTENCE_PAUSE_SECONDS, without_phonemes
from gdial.speech.piper_models import ChosenModel, PiperModels
from gdial.speech.processes import SpeechProcesses
from gdial.speech.text import spoken_text

AT_ONCE = 2
LARGEST_FILE_BYTES = 100_000_000
LONGEST_COMPLAINT = 200
# Nothing else of our environment is a foreign program's business: our secrets lie there.
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")


class PiperProgram:
    """`processes` read what the program wrote, and belong to whoever made them."""

    def __init__(self, program: Path, models: PiperModels, processes: SpeechProcesses, timeout_seconds: float) -> None:
        self.models = models
        self.name = f"piper {models.fingerprint}"
        self._program = program
        self._processes = processes
        self._timeout_seconds = timeout_seconds
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def speak(self, request: SpeechRequest) -> Pcm:
        spoken = spoken_text(request)
        chosen = self.models.choose(request.language, request.voice)
        async with self._turns:
            file = await self._say(without_phonemes(spoken), chosen, request.speed)
        reply = await self._processes.run("sound.decode", {"format": "wav", "tempo": 1.0}, file)
        return Pcm(reply.sound, reply.facts["rate"])

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        if shutil.which(self._program) is None:
            raise SpeechUnavailable(f"PIPER_BINARY {self._program} is no program that can be started here")
        return self.models.voices()

    async def close(self) -> None:
        """Nothing of its own to close."""

    async def _say(self, text: str, chosen: ChosenModel, speed: float) -> bytes:
        with tempfile.TemporaryDirectory(prefix="gdial-piper-") as folder:
            out = Path(folder, "out.wav")
            await self._run([*_options(chosen, speed), "-f", str(out)], text)
            return await asyncio.to_thread(_read, out)

    async def _run(self, options: list[str], text: str) -> None:
        limit = longest_seconds(self._timeout_seconds, text)
        process = await self._start(options)
        try:
            async with asyncio.timeout(limit):
                _, complaint = await process.communicate(f"{text}\n".encode())
        except TimeoutError:
            raise SpeechLate(f"Piper gave no audio within {limit:g} seconds") from None
        finally:
            await _end(process)
        if process.returncode != 0:
            last = complaint.decode(errors="replace").strip().rpartition("\n")[2][:LONGEST_COMPLAINT]
            raise SpeechUnavailable(f"Piper ended with {process.returncode}: {last}")

    async def _start(self, options: list[str]) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        try:
            # A session of its own: Ctrl+C in a terminal is ours to act on, and its children end with it.
            return await asyncio.create_subprocess_exec(
                *(str(self._program), *options),
                stdin=pipe,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=pipe,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise SpeechUnavailable(f"PIPER_BINARY {self._program} cannot be started: {error.strerror}") from error


def _read(file: Path) -> bytes:
    if not file.is_file() or not 0 < file.stat().st_size <= LARGEST_FILE_BYTES:
        raise SpeechUnavailable("Piper ended without a sound file of a sensible size")
    return file.read_bytes()


def _options(chosen: ChosenModel, speed: float) -> list[str]:
    speaker = [] if chosen.speaker is None else ["-s", str(chosen.speaker)]
    scale = ["--length-scale", f"{chosen.length_scale / speed:.3f}"]
    pause = f"{SENTENCE_PAUSE_SECONDS / speed:.3f}"
    return ["-m", str(chosen.path), *speaker, *scale, "--sentence-silence", pause]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
