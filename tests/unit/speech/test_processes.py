"""What happens to speech when its process, or GDial itself, is hurt."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.base import SpeechRequest
from gdial.speech.espeak import EspeakEngine
from gdial.speech.frames import LENGTHS, Frame
from gdial.speech.processes import CHILD_COMMAND, SpeechProcesses
from tests.ports.speech_port import seconds

HELLO = SpeechRequest("Hej på dig", "sv")
LONG = {"text": "Det här tar lång tid att säga. " * 400, "language": "sv", "voice": None, "speed": 1.0}
GONE_WITHIN_SECONDS = 10

PARENT = """
import asyncio
from gdial.speech.processes import SpeechProcesses

async def main():
    processes = SpeechProcesses()
    await processes.run("espeak.voices", {})
    print(processes.pids[0], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def program(*lines: str) -> Sequence[str]:
    return (sys.executable, "-c", "\n".join(("import os, sys, time", *lines)))


async def hold(processes: SpeechProcesses) -> int:
    """Stops the process, so that what is asked next stays in it."""
    await processes.run("espeak.voices", {})
    os.kill(processes.pids[0], signal.SIGSTOP)
    return processes.pids[0]


async def until_taken(processes: SpeechProcesses) -> None:
    """Runs the loop until no request waits: a process has them, since they are written in the step that takes them."""
    for _ in range(100):
        await asyncio.sleep(0)
        if not processes.waiting:
            return
    pytest.fail("nobody took the request")


async def test_a_process_killed_in_mid_work_is_replaced_and_the_text_still_spoken(
    own_processes: SpeechProcesses,
) -> None:
    held = await hold(own_processes)
    speaking = asyncio.create_task(EspeakEngine(own_processes).speak(HELLO))
    await until_taken(own_processes)
    os.kill(held, signal.SIGKILL)
    assert seconds(await speaking) > 0.3
    assert own_processes.pids != [held]
    assert own_processes.restarts == 1


async def test_a_process_that_died_while_idle_is_replaced(own_processes: SpeechProcesses) -> None:
    engine = EspeakEngine(own_processes)
    await engine.speak(HELLO)
    os.kill(own_processes.pids[0], signal.SIGKILL)
    assert seconds(await engine.speak(HELLO)) > 0.3


async def test_a_late_process_is_ended_and_the_next_request_served() -> None:
    processes = SpeechProcesses(timeout_seconds=2)
    held = await hold(processes)
    with pytest.raises(SpeechUnavailable, match="within 2 seconds"):
        await EspeakEngine(processes).speak(HELLO)
    with pytest.raises(ProcessLookupError):
        os.kill(held, 0)
    assert seconds(await EspeakEngine(processes).speak(HELLO)) > 0.3
    await processes.close()


@pytest.mark.parametrize(
    "lines",
    [
        ("sys.stdin.buffer.read(1)", "os._exit(3)"),
        ("os.write(1, b'Segmentation fault, and other things a library may print')", "time.sleep(60)"),
        ("os.write(1, bytes([0, 0, 0, 2, 0, 0, 0, 0]) + b'[]')", "time.sleep(60)"),
    ],
    ids=["dies at every request", "writes gibberish", "writes what is no object"],
)
async def test_a_request_that_ends_its_process_twice_is_given_up(lines: Sequence[str]) -> None:
    processes = SpeechProcesses(command=program(*lines))
    with pytest.raises(SpeechUnavailable, match="died twice"):
        await EspeakEngine(processes).speak(HELLO)
    assert processes.restarts == 2
    await processes.close()


async def test_a_program_that_cannot_be_started_is_told() -> None:
    processes = SpeechProcesses(command=("/no/such/python",))
    for _ in range(2):
        with pytest.raises(SpeechUnavailable, match="No such file"):
            await EspeakEngine(processes).speak(HELLO)
    await processes.close()


async def test_ctrl_c_and_a_service_stop_are_left_to_the_parent(own_processes: SpeechProcesses) -> None:
    engine = EspeakEngine(own_processes)
    await engine.speak(HELLO)
    pids = own_processes.pids
    for sent in (signal.SIGINT, signal.SIGTERM):
        os.kill(pids[0], sent)
        assert seconds(await engine.speak(HELLO)) > 0.3
    assert own_processes.pids == pids


async def test_who_gives_up_waiting_does_not_spoil_the_next_answer(own_processes: SpeechProcesses) -> None:
    engine = EspeakEngine(own_processes)
    held = await hold(own_processes)
    given_up = asyncio.create_task(engine.speak(SpeechRequest("En mycket längre text än den andra, " * 5, "sv")))
    queued = asyncio.create_task(engine.speak(SpeechRequest("Den här behöver ingen längre.", "sv")))
    await asyncio.sleep(0)
    for task in (given_up, queued):
        task.cancel()
    os.kill(held, signal.SIGCONT)
    assert seconds(await engine.speak(HELLO)) < 2
    assert own_processes.pids == [held]


async def test_fifty_at_once_are_all_answered_by_two_processes() -> None:
    processes = SpeechProcesses(2)
    engine = EspeakEngine(processes)
    sounds = await asyncio.gather(*(engine.speak(SpeechRequest(f"Nummer {n}", "sv")) for n in range(50)))
    assert all(seconds(sound) > 0.3 for sound in sounds)
    assert len(processes.pids) == 2
    await processes.close()


async def test_nothing_is_started_before_it_is_needed() -> None:
    processes = SpeechProcesses()
    assert processes.pids == []
    await processes.close()


async def test_closing_ends_the_process_and_whoever_waits() -> None:
    processes = SpeechProcesses()
    held = await hold(processes)
    waiting = [asyncio.create_task(EspeakEngine(processes).speak(HELLO)) for _ in range(3)]
    await asyncio.sleep(0)
    await processes.close()
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(result, SpeechUnavailable)
    with pytest.raises(ProcessLookupError):
        os.kill(held, 0)
    with pytest.raises(SpeechUnavailable, match="closed"):
        await EspeakEngine(processes).speak(HELLO)


async def test_a_refusal_keeps_its_words_on_the_way(own_processes: SpeechProcesses) -> None:
    with pytest.raises(InvalidInput, match="no voice speaks") as refused:
        await EspeakEngine(own_processes).speak(SpeechRequest("Hej", "xx"))
    assert (refused.value.where, refused.value.example) == ("language", "sv")
    with pytest.raises(SpeechUnavailable, match="KeyError"):
        await own_processes.run("no.such.job", {})
    assert own_processes.restarts == 0


def test_the_process_is_gone_when_its_parent_was_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until_gone(child)


def test_the_process_does_not_finish_its_work_for_a_dead_parent() -> None:
    child = subprocess.Popen(CHILD_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin
    assert child.stdout
    child.stdin.write(Frame({"job": "espeak.voices"}).pack() + Frame({"job": "espeak.speak", **LONG}).pack() * 200)
    child.stdin.flush()
    facts_length, _ = LENGTHS.unpack(child.stdout.read(LENGTHS.size))
    assert "voices" in json.loads(child.stdout.read(facts_length)), "it works now, on minutes of synthesis"
    child.stdin.close()
    started = time.monotonic()
    while child.stdout.read(1 << 20):
        assert time.monotonic() - started < GONE_WITHIN_SECONDS
    assert child.wait(GONE_WITHIN_SECONDS) == 0
    child.stdout.close()


def wait_until_gone(process: int) -> bool:
    poll = select.poll()
    poll.register(process, select.POLLIN)
    gone = bool(poll.poll(GONE_WITHIN_SECONDS * 1_000))
    os.close(process)
    return gone
