"""Collects the keys of one Gather. Source: https://www.twilio.com/docs/voice/twiml/gather"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gdial.simulator.calls.line import Line
from gdial.simulator.calls.record import Press
from gdial.simulator.calls.sound import Sound
from gdial.simulator.clock import Clock
from gdial.simulator.tasks import stop_tasks
from gdial.simulator.twiml.verbs import Gather


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a Gather took in; `presses` has the finishing key too."""

    presses: tuple[Press, ...] = ()
    finished_on_key: str = ""

    @property
    def digits(self) -> str:
        keys = "".join(press.key for press in self.presses)
        return keys[: len(keys) - len(self.finished_on_key)]


async def gather_keys(gather: Gather, base: str, line: Line, sound: Sound, clock: Clock) -> Gathered:
    """Say the prompts and take keys; the first key ends the prompts, the time-out starts when they have ended."""
    if not gather.takes_keys:
        await _prompt(gather, base, sound)
        await clock.sleep(gather.timeout_seconds)
        return Gathered()
    line.open_gather()
    try:
        return await _collect(gather, base, line, sound, clock)
    finally:
        line.close_gather()


async def _collect(gather: Gather, base: str, line: Line, sound: Sound, clock: Clock) -> Gathered:
    presses: list[Press] = []
    press = await _first_key(gather, base, line, sound, clock)
    while press is not None:
        presses.append(press)
        if press.key == gather.finish_on_key:
            return Gathered(tuple(presses), press.key)
        if len(presses) == gather.num_digits:
            break
        press = await _key_within(gather.timeout_seconds, line, clock)
    return Gathered(tuple(presses))


async def _first_key(gather: Gather, base: str, line: Line, sound: Sound, clock: Clock) -> Press | None:
    prompting = asyncio.create_task(_prompt(gather, base, sound))
    key = asyncio.create_task(line.next_key())
    try:
        await asyncio.wait({prompting, key}, return_when=asyncio.FIRST_COMPLETED)
        if key.done():
            return key.result()
        prompting.result()
    finally:
        await stop_tasks(prompting, key)
    line.end_prompt()
    return await _key_within(gather.timeout_seconds, line, clock)


async def _key_within(seconds: float, line: Line, clock: Clock) -> Press | None:
    key = asyncio.create_task(line.next_key())
    timer = asyncio.create_task(clock.sleep(seconds))
    try:
        await asyncio.wait({key, timer}, return_when=asyncio.FIRST_COMPLETED)
        return key.result() if key.done() else None
    finally:
        await stop_tasks(key, timer)


async def _prompt(gather: Gather, base: str, sound: Sound) -> None:
    for prompt in gather.prompts:
        await sound.play(prompt, base)
