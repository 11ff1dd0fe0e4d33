"""The open line between the script that speaks and the person who listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gdial.simulator.calls.record import Call, Press
from gdial.simulator.clock import Clock
from gdial.simulator.signal import Signal


class Line:
    """One answered call. The script tells what sounds and asks for keys; the person hears that and presses them."""

    def __init__(self, call: Call, clock: Clock, changes: Signal) -> None:
        self._call = call
        self._clock = clock
        self._changes = changes
        self._signal = Signal()
        self._keys: asyncio.Queue[Press] | None = None
        self._is_noticed = True
        self.sounds = 0
        """How many sounds have begun."""
        self.questions = 0
        """How many times the person noticed that keys are asked for: at a Gather's first sound, or its silence."""
        self.is_prompting = False
        """A Gather still has something to say before it falls silent and waits."""

    def begin_sound(self) -> None:
        """Something begins to sound."""
        self.sounds += 1
        self._notice()

    def open_gather(self) -> None:
        """From now on keys are received."""
        self._keys = asyncio.Queue()
        self._is_noticed = False
        self.is_prompting = True

    def end_prompt(self) -> None:
        """The open Gather has said what it had to say."""
        self.is_prompting = False
        self._notice()

    def close_gather(self) -> None:
        """From now on keys are lost, and so are those that came too late for the Gather to take them."""
        while self._keys is not None and not self._keys.empty():
            self._keys.get_nowait().gathered = False
        self._keys = None
        self._is_noticed = True
        self.is_prompting = False

    def press(self, key: str) -> Press:
        """Press a key; `gathered` tells whether anybody received it."""
        press = Press(key, self._clock.now(), gathered=self._keys is not None)
        self._call.presses.append(press)
        if self._keys is not None:
            self._keys.put_nowait(press)
        self._changes.notify()
        return press

    async def next_key(self) -> Press:
        """Wait for the next key of the open Gather."""
        if self._keys is None:
            raise RuntimeError("no Gather is open on this line")
        return await self._keys.get()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a sound or a silence makes the condition true."""
        await self._signal.until(condition)

    def _notice(self) -> None:
        if not self._is_noticed:
            self._is_noticed = True
            self.questions += 1
        self._signal.notify()
