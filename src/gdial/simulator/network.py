"""The telephone network: takes calls, dials them, and lets them be changed."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from contextlib import suppress
from uuid import uuid4

import aiohttp

from gdial.simulator.calls.life import CallLife, Exchange
from gdial.simulator.calls.record import Call
from gdial.simulator.calls.request import CallRequest, Target
from gdial.simulator.calls.source import Source
from gdial.simulator.calls.store import CallStore
from gdial.simulator.faults.injector import FaultInjector
from gdial.simulator.faults.lags import hide_for_a_while
from gdial.simulator.faults.plan import Outage
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.outgoing.audio import AudioLibrary
from gdial.simulator.outgoing.courier import Courier
from gdial.simulator.people.plans import CallPlan
from gdial.simulator.people.profile import Profile
from gdial.simulator.phones import Phones
from gdial.simulator.signal import Signal
from gdial.simulator.tasks import TaskKeeper, wait_for_first

CONCURRENCY_EXCEEDED = 10004


class RefusedCallError(Exception):
    """The network does not take this call; `code` is the vendor's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Network:
    """All calls, living and over. Use one per event loop, and `close` it."""

    def __init__(
        self, options: SimulatorOptions, profile: Profile, faults: FaultInjector, session: aiohttp.ClientSession
    ) -> None:
        self.clock = clock = faults.clock
        self.faults = faults
        self.phones = Phones(profile, options.seed)
        self.store = CallStore(options.keep_calls)
        self.changes = Signal()
        self._options = options
        self._closing = asyncio.Event()
        self._tasks = TaskKeeper()
        self._audio = AudioLibrary(session)
        courier = Courier(session, clock)
        self._exchange = Exchange(clock, courier, self._audio, self.phones, self._tasks, self.changes, faults)
        self._lives: dict[str, CallLife] = {}
        self._open_by_number: defaultdict[str, list[Call]] = defaultdict(list)
        self._queue: deque[CallLife] = deque()
        self._queue_filled = asyncio.Event()
        self._pacing = TaskKeeper()
        if options.calls_per_second is not None:
            self._pacing.spawn(self._dial_in_pace(1 / options.calls_per_second))

    @property
    def open_calls(self) -> int:
        """How many calls are not over."""
        return len(self._lives)

    @property
    def audio_requests(self) -> int:
        """How many HTTP requests were made for audio."""
        return self._audio.requests

    def place(self, account: str, token: str, request: CallRequest) -> Call:
        """Take a call; raises `RefusedCallError` when the network or the number does not allow it."""
        limit = self._options.max_concurrent_calls
        if limit is not None and self.open_calls >= limit:
            raise RefusedCallError(CONCURRENCY_EXCEEDED, f"Call concurrency limit exceeded: {limit} calls are open")
        plan = self.phones.plan_call(request.to)
        if plan.refused_with is not None:
            raise RefusedCallError(plan.refused_with, f"The phone number {request.to} cannot be called.")
        call = self._enter(account, request, plan)
        life = self._lives[call.sid] = CallLife(call, request, token, self._exchange, self._forget_life)
        if self._options.calls_per_second is None:
            life.start()
        else:
            self._queue.append(life)
            self._queue_filled.set()
        return call

    def _enter(self, account: str, request: CallRequest, plan: CallPlan) -> Call:
        now, sid = self.clock.now(), "CA" + uuid4().hex
        ordinal = self.phones.find(request.to).calls
        call = Call(self.store.next_serial(), sid, account, request.to, request.from_, plan, now, now, ordinal)
        self.store.add(call)
        others = self._open_by_number[call.to]
        for other in others:
            other.overlaps.append(sid)
        call.overlaps = [other.sid for other in others]
        others.append(call)
        hide_for_a_while(call, self.faults)
        return call

    def hang_up(self, call: Call) -> None:
        """End a call in whatever state it is; one that nobody answered is canceled."""
        life = self._lives.get(call.sid)
        if life is not None:
            life.stop("completed" if call.status == "in-progress" else "canceled")

    def redirect(self, call: Call, source: Source, fallback: Target | None) -> bool:
        """Let an answered call follow another document; tells whether it could."""
        life = self._lives.get(call.sid)
        return life is not None and life.redirect(source, fallback)

    def report_to(self, call: Call, status_callback: Target) -> None:
        """Send the callbacks of a living call to another address from now on."""
        life = self._lives.get(call.sid)
        if life is not None:
            life.report_to(status_callback)

    async def hold(self, seconds: float) -> None:
        """Let so many real seconds pass, or the time until this network closes if that comes first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def wait_out(self, outage: Outage) -> None:
        """Wait until this outage is over, or this network closes if that comes first."""
        while self.faults.outage() is outage and not self._closing.is_set():
            await wait_for_first(self._closing.wait(), self.faults.next_turn())

    async def wait_until_idle(self) -> None:
        """Wait until no call is open and every callback is delivered."""
        await self.changes.until(lambda: not self._lives)
        await self._tasks.wait()

    async def reset(self) -> None:
        """Drop every call, without another callback, and forget what phones remember."""
        self._queue.clear()
        await self._tasks.stop()
        self._lives.clear()
        self._open_by_number.clear()
        self.store.clear()
        self.phones.reset()
        self.faults.reset()
        self.changes.notify()

    async def close(self) -> None:
        """Drop every call and stop."""
        self._closing.set()
        await self._pacing.stop()
        await self.reset()
        await self._audio.close()

    async def _dial_in_pace(self, seconds_between: float) -> None:
        while True:
            await self._queue_filled.wait()
            while self._queue:
                life = self._queue.popleft()
                if not life.call.is_over:
                    life.start()
                    await self.clock.sleep(seconds_between)
            self._queue_filled.clear()

    def _forget_life(self, call: Call) -> None:
        self._lives.pop(call.sid, None)
        others = self._open_by_number[call.to]
        if call in others:
            others.remove(call)
        if not others:
            del self._open_by_number[call.to]
