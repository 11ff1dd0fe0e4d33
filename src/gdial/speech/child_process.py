"""One speech process as its parent sees it: started when it is asked, asked one thing at a time, ended by force."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from gdial.speech.frames import LENGTHS, Frame, unpack_facts, unpack_lengths

PIPE_BUFFER_BYTES = 1024 * 1024


class ChildDied(Exception):
    """The process ended, or wrote something that is no frame, while it had a request."""


class ChildProcess:
    """One process, started when it is asked and not running."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._running: _Running | None = None

    @property
    def pid(self) -> int | None:
        alive = self._running is not None and self._running.process.returncode is None
        return self._running.process.pid if self._running and alive else None

    async def ask(self, packed: bytes) -> Frame:
        """Raises `ChildDied`; `OSError` when no process can be started."""
        running = self._running if self.pid is not None else None
        if running is None:
            await self.end()
            running = self._running = await _start(self._command)
        try:
            running.requests.write(packed)
            await running.requests.drain()
            return await _read_frame(running.replies)
        except (OSError, EOFError, ValueError) as error:
            raise ChildDied(f"{type(error).__name__}: {error}") from error

    async def end(self) -> None:
        """Ends the process at once and waits until it is gone."""
        running, self._running = self._running, None
        if running is None:
            return
        with suppress(ProcessLookupError):
            running.process.kill()
        running.requests.close()
        # A pipe that nobody reads on would keep the process from being seen as ended.
        while await running.replies.read(PIPE_BUFFER_BYTES):
            pass
        await running.process.wait()


@dataclass(frozen=True, slots=True)
class _Running:
    process: asyncio.subprocess.Process
    requests: asyncio.StreamWriter
    replies: asyncio.StreamReader


async def _start(command: Sequence[str]) -> _Running:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=PIPE_BUFFER_BYTES)
    if process.stdin is None or process.stdout is None:
        raise OSError("the speech process was started without pipes")
    return _Running(process, process.stdin, process.stdout)


async def _read_frame(pipe: asyncio.StreamReader) -> Frame:
    facts_length, sound_length = unpack_lengths(await pipe.readexactly(LENGTHS.size))
    facts = await pipe.readexactly(facts_length)
    return Frame(unpack_facts(facts), await pipe.readexactly(sound_length))
