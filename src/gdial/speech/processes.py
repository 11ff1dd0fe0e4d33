"""The parent's side of the speech processes: requests wait in one queue, each process takes one at a time.

Speech never runs in the process that asks: espeak-ng aborts or corrupts memory on some texts and cannot be stopped
once it speaks. Here the worst text costs one child.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from gdial.errors import SpeechUnavailable
from gdial.speech.frames import LENGTHS, Frame, raise_error, unpack_facts, unpack_lengths

CHILD_COMMAND = (sys.executable, "-P", "-m", "gdial.speech.child")
TRIES = 2
PIPE_BUFFER_BYTES = 1024 * 1024

log = structlog.get_logger(__name__)


class ChildDied(Exception):
    """The process ended, or wrote something that is no frame, while it had a request."""


@dataclass(frozen=True, slots=True)
class _Request:
    packed: bytes
    answer: asyncio.Future[Frame]


class SpeechProcesses:
    """`count` processes, each started at its first request, used from one event loop.

    `timeout_seconds` runs from the moment a process takes the request (its start included), not while it waits in
    the queue: it does not promise when an answer comes. `restarts` counts processes that died or were ended late.
    """

    def __init__(
        self, count: int = 1, *, timeout_seconds: float = 15.0, command: Sequence[str] = CHILD_COMMAND
    ) -> None:
        self._children = [_Child(command) for _ in range(count)]
        self._timeout_seconds = timeout_seconds
        self._queue: asyncio.Queue[_Request] = asyncio.Queue()
        self._attendants: list[asyncio.Task[None]] = []
        self._closed = False
        self.restarts = 0

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [child.pid for child in self._children if child.pid is not None]

    async def run(self, job: str, facts: dict[str, Any], sound: bytes = b"") -> Frame:
        """What the job of this name (see `child.JOBS`) answers.

        Raises `InvalidInput` when the job refuses, `SpeechUnavailable` when it fails, is late, or dies twice.
        Cancelling gives up the answer; a request that a process has already taken is still finished.
        """
        if self._closed:
            raise SpeechUnavailable("the speech processes are closed")
        if not self._attendants:
            self._attendants = [asyncio.create_task(self._attend(child)) for child in self._children]
        request = _Request(Frame({"job": job, **facts}, sound).pack(), asyncio.get_running_loop().create_future())
        self._queue.put_nowait(request)
        reply = await request.answer
        raise_error(reply)
        return reply

    async def close(self) -> None:
        """Ends the processes; whoever still waits gets `SpeechUnavailable`."""
        self._closed = True
        for attendant in self._attendants:
            attendant.cancel()
        await asyncio.gather(*self._attendants, return_exceptions=True)
        while not self._queue.empty():
            _fail(self._queue.get_nowait(), "the speech processes were closed")

    async def _attend(self, child: _Child) -> None:
        try:
            while True:
                request = await self._queue.get()
                if not request.answer.done():
                    await self._settle(child, request)
        finally:
            await child.end()

    async def _settle(self, child: _Child, request: _Request) -> None:
        try:
            reply = await self._ask(child, request.packed)
        except asyncio.CancelledError:
            _fail(request, "the speech processes were closed")
            raise
        except Exception as error:
            # Whatever it is, the queue behind this request must go on.
            _fail(request, str(error) or type(error).__name__)
        else:
            if not request.answer.done():
                request.answer.set_result(reply)

    async def _ask(self, child: _Child, packed: bytes) -> Frame:
        reason = ""
        for _ in range(TRIES):
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    return await child.ask(packed)
            except TimeoutError:
                await self._replace(child, "late")
                raise SpeechUnavailable(f"no audio within {self._timeout_seconds:g} seconds") from None
            except ChildDied as error:
                reason = str(error)
                await self._replace(child, reason)
        raise SpeechUnavailable(f"the speech process died twice on this request ({reason})")

    async def _replace(self, child: _Child, reason: str) -> None:
        self.restarts += 1
        log.warning("speech_process_ended", pid=child.pid, reason=reason)
        await child.end()


class _Child:
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


def _fail(request: _Request, reason: str) -> None:
    if not request.answer.done():
        request.answer.set_exception(SpeechUnavailable(reason))
