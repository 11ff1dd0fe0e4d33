"""The speech process: takes frames from standard input, speaks or processes audio, writes frames to standard output.

It leaves Ctrl+C and SIGTERM to its parent, which ends it with SIGKILL or by closing the pipe. The closed pipe also
ends it when the parent was killed: a thread waits for that even in the middle of a synthesis.
Started as `python -P -m gdial.speech.child`; what C libraries print goes to standard error.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO

from gdial.errors import GDialError
from gdial.speech.frames import LENGTHS, Frame, error_frame, unpack_facts, unpack_lengths

# Loaded at first use: an engine that is not asked costs no memory.
JOBS = {
    "pulse": "gdial.speech.pulse:answer",
    "espeak.speak": "gdial.speech.espeak_library:speak",
    "espeak.voices": "gdial.speech.espeak_library:voices",
    "piper.speak": "gdial.speech.piper_library:speak",
    "coqui.load": "gdial.speech.coqui_library:load",
    "coqui.speak": "gdial.speech.coqui_library:speak",
    "sound.decode": "gdial.speech.sound_file:decode",
    "audio.finish": "gdial.speech.audio:finish",
}


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests: SimpleQueue[Frame] = SimpleQueue()
    Thread(target=_read_requests, args=(os.fdopen(os.dup(0), "rb"), requests), daemon=True).start()
    while True:
        replies.write(_answer(requests.get()).pack())
        replies.flush()


def _read_requests(pipe: BinaryIO, requests: SimpleQueue[Frame]) -> None:
    while (frame := _read_frame(pipe)) is not None:
        requests.put(frame)
    # Not sys.exit: the main thread may be inside a C library, and nobody is left to hear the rest.
    os._exit(0)


def _read_frame(pipe: BinaryIO) -> Frame | None:
    head = pipe.read(LENGTHS.size)
    if len(head) < LENGTHS.size:
        return None
    facts_length, sound_length = unpack_lengths(head)
    facts, sound = pipe.read(facts_length), pipe.read(sound_length)
    complete = len(facts) == facts_length and len(sound) == sound_length
    return Frame(unpack_facts(facts), sound) if complete else None


def _answer(request: Frame) -> Frame:
    try:
        return _find_job(str(request.facts["job"]))(request)
    except GDialError as error:
        return error_frame(error)
    except Exception as error:
        traceback.print_exc()
        return error_frame(error)


def _find_job(name: str) -> Callable[[Frame], Frame]:
    module, _, function = JOBS[name].partition(":")
    job: Callable[[Frame], Frame] = getattr(import_module(module), function)
    return job


if __name__ == "__main__":
    main()
