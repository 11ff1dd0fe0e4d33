"""A recording is read by a process of its own, which ends after it: what a hostile file does there, it does alone.

The file goes over its standard input, a frame comes back. The process may open nothing, and has bounds in memory and
processor time; it knows none of the settings.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys

from gdial.errors import GDialError, InvalidInput, SpeechUnavailable
from gdial.speech.frames import LENGTHS, Frame, error_frame, raise_error, unpack_facts, unpack_lengths

COMMAND = (sys.executable, "-P", "-m", "gdial.speech.recording_process")
KEPT_FROM_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")

WALL_SECONDS = 180.0
PROCESSOR_SECONDS = 60
"""The longest recording takes three on a machine of today."""
MEMORY_BYTES = 3 * 1024**3
"""Of addresses; FFmpeg and numpy alone reserve a third of it."""


async def read_in_process(file: bytes) -> tuple[bytes, float, str]:
    """See `recorded.Recorded`. Raises `InvalidInput`; `SpeechUnavailable` when no process can be started.

    When the waiter is cancelled, the process is ended.
    """
    environment = {name: os.environ[name] for name in KEPT_FROM_ENVIRONMENT if name in os.environ}
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=pipe, stdout=pipe, env=environment | {"OPENBLAS_NUM_THREADS": "1"}
        )
    except OSError as error:
        raise SpeechUnavailable(f"no process can be started to read the recording: {error}") from error
    try:
        async with asyncio.timeout(WALL_SECONDS):
            said, _ = await process.communicate(file)
    except TimeoutError:
        raise _unreadable("it takes too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _result_of(said, process.returncode)


def _result_of(said: bytes, exit_code: int | None) -> tuple[bytes, float, str]:
    try:
        facts_length, sound_length = unpack_lengths(said[: LENGTHS.size])
        facts = unpack_facts(said[LENGTHS.size : LENGTHS.size + facts_length])
        sound = said[LENGTHS.size + facts_length :]
        if len(sound) != sound_length:
            raise ValueError("the answer breaks off")
    except Exception:
        # Killed by its own limits, or broken by the file: whatever it wrote is not looked at.
        raise _unreadable(f"reading it ended the process (exit code {exit_code})") from None
    raise_error(Frame(facts))
    return sound, float(facts["seconds"]), str(facts["made_from"])


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput(f"cannot be read: {why}; save it anew as a plain WAV file", where="file", example="welcome.wav")


def main() -> None:
    """In the process itself."""
    from gdial.speech.recorded import load_all, read_recording

    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    file = sys.stdin.buffer.read()
    load_all()
    _close_doors()
    try:
        recorded = read_recording(file)
        frame = Frame({"seconds": recorded.seconds, "made_from": recorded.made_from}, recorded.file)
    except GDialError as error:
        frame = error_frame(error)
    except MemoryError:
        frame = error_frame(_unreadable("it takes too much memory"))
    replies.write(frame.pack())
    replies.flush()


def _close_doors() -> None:
    """After everything is loaded: no file or address can be opened any more, none written."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
