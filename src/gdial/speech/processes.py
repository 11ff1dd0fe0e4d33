"""The parent's side of the speech processes: requests wait in one queue, each process takes one at a time.

Speech never runs in the process that asks: espeak-ng aborts or corrupts memory on some texts and cannot be stopped
once it speaks. Here the worst text costs one child.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from gdial.errors import SpeechUnavailable
from gdial.speech.base import SpeechLate
from gdial.speech.child_process import ChildDied, ChildProcess
from gdial.speech.frames import Frame, raise_error

CHILD_COMMAND = (sys.executable, "-P", "-m", "gdial.speech.child")
TRIES = 2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Request:
    packed: bytes
    timeout_seconds: float
    answer: asyncio.Future[Frame]


class SpeechProcesses:
    """`count` processes, each started at its first request, used from one event loop.

    `timeout_seconds` runs from the moment a process takes the request (its start included), not while it waits in
    the queue: it does not promise when an answer comes. `restarts` counts processes that died or were ended late;
    `monotonic` gives seconds for what is told of them.
    """

    def __init__(
        self,
        count: int = 1,
        *,
        timeout_seconds: float = 15.0,
        command: Sequence[str] = CHILD_COMMAND,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._children = [ChildProcess(command) for _ in range(count)]
        self._timeout_seconds = timeout_seconds
        self._queue: asyncio.Queue[_Request] = asyncio.Queue()
        self._attendants: list[asyncio.Task[None]] = []
        self._closed = False
        self._asked_at: dict[ChildProcess, float] = {}
        self.monotonic = monotonic
        self.restarts = 0

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [child.pid for child in self._children if child.pid is not None]

    @property
    def waiting(self) -> int:
        """Requests that no process has taken yet."""
        return self._queue.qsize()

    @property
    def quiet_seconds(self) -> float:
        """For how long a process has had a request without an answer: of several the longest; 0 while none has."""
        return self.monotonic() - min(self._asked_at.values(), default=self.monotonic())

    @property
    def is_idle(self) -> bool:
        """Whether processes run and have nothing to do."""
        return bool(self.pids) and not self._asked_at and not self.waiting

    async def run(
        self, job: str, facts: dict[str, Any], sound: bytes = b"", *, timeout_seconds: float | None = None
    ) -> Frame:
        """What the job of this name (see `child.JOBS`) answers; `timeout_seconds` where it has a limit of its own.

        Raises `InvalidInput` when the job refuses, `SpeechUnavailable` when it fails, is late, or dies twice.
        Cancelling gives up the answer; a request that a process has already taken is still finished.
        """
        if self._closed:
            raise SpeechUnavailable("the speech processes are closed")
        if not self._attendants:
            self._attendants = [asyncio.create_task(self._attend(child)) for child in self._children]
        packed = Frame({"job": job, **facts}, sound).pack()
        limit = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        request = _Request(packed, limit, asyncio.get_running_loop().create_future())
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
            _fail(self._queue.get_nowait(), SpeechUnavailable("the speech processes were closed"))

    async def _attend(self, child: ChildProcess) -> None:
        try:
            while True:
                request = await self._queue.get()
                if not request.answer.done():
                    await self._settle(child, request)
        finally:
            await child.end()

    async def _settle(self, child: ChildProcess, request: _Request) -> None:
        self._asked_at[child] = self.monotonic()
        try:
            reply = await self._ask(child, request)
        except asyncio.CancelledError:
            _fail(request, SpeechUnavailable("the speech processes were closed"))
            raise
        except Exception as error:
            # Whatever it is, the queue behind this request must go on.
            _fail(request, error if isinstance(error, SpeechUnavailable) else SpeechUnavailable(_told(error)))
        else:
            if not request.answer.done():
                request.answer.set_result(reply)
        finally:
            del self._asked_at[child]

    async def _ask(self, child: ChildProcess, request: _Request) -> Frame:
        reason = ""
        for _ in range(TRIES):
            try:
                async with asyncio.timeout(request.timeout_seconds):
                    return await child.ask(request.packed)
            except TimeoutError:
                await self._replace(child, "late")
                raise SpeechLate(f"no audio within {request.timeout_seconds:g} seconds") from None
            except ChildDied as error:
                reason = str(error)
                await self._replace(child, reason)
        raise SpeechUnavailable(f"the speech process died twice on this request ({reason})")

    async def _replace(self, child: ChildProcess, reason: str) -> None:
        self.restarts += 1
        log.warning("speech_process_ended", pid=child.pid, reason=reason)
        await child.end()


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__


def _fail(request: _Request, error: SpeechUnavailable) -> None:
    if not request.answer.done():
        request.answer.set_exception(error)
