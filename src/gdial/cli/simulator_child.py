"""The simulated telephone network as a process of its own: it ends with us, and is started again when it dies."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog

from gdial.errors import SetupError

START_SECONDS = 30.0
END_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 30.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def simulator_child(arguments: Sequence[str] = ()) -> AsyncIterator[str]:
    """The address of a network on a free loopback port; `arguments` are options of `gdial sim`.

    It ends when the block does, and also when this process is killed. Calls open when it dies are lost with it.
    Raises SetupError when it does not start.
    """
    process, url = await _start(["--port", "0", *arguments])
    again = ["--port", url.rpartition(":")[2], *arguments]
    child = _Child(process)
    keeping = asyncio.create_task(_keep_alive(child, again))
    try:
        yield url
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await _end(child.process)


class _Child:
    def __init__(self, process: Process) -> None:
        self.process = process


async def _start(arguments: Sequence[str]) -> tuple[Process, str]:
    command = [sys.executable, "-P", "-m", "gdial", "sim", "--json", "--end-with-input", *arguments]
    # A session of its own: Ctrl-C in the terminal is for us, and what is in hand still needs the network.
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)
    try:
        async with asyncio.timeout(START_SECONDS):
            told = await process.stdout.readline() if process.stdout else b""
        return process, str(json.loads(told)["url"])
    except (TimeoutError, ValueError):
        await _end(process)
        raise SetupError("the simulated telephone network for drills did not start; try: gdial sim") from None
    except asyncio.CancelledError:
        await _end(process)
        raise


async def _keep_alive(child: _Child, arguments: Sequence[str]) -> None:
    pause = 0.5
    while True:
        code = await child.process.wait()
        log.warning("the simulated telephone network died and is started again", exit_code=code)
        await asyncio.sleep(pause)
        try:
            child.process, _ = await _start(arguments)
            pause = 0.5
        except (SetupError, OSError) as error:
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            log.error("no drills for now", why=str(error))


async def _end(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
