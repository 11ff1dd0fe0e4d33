"""The life of one call: queued, dialled, rung, answered, over."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from gdial.simulator.calls.line import Line
from gdial.simulator.calls.machine_detection import Detection, detect_machine
from gdial.simulator.calls.person import take_part
from gdial.simulator.calls.record import Call, Callback, Status
from gdial.simulator.calls.request import CallRequest, Target
from gdial.simulator.calls.script import Script
from gdial.simulator.calls.sound import Sound
from gdial.simulator.calls.source import Mail, Source
from gdial.simulator.clock import Clock
from gdial.simulator.faults.injector import FaultInjector
from gdial.simulator.outgoing.audio import AudioLibrary
from gdial.simulator.outgoing.courier import Courier, Webhook
from gdial.simulator.outgoing.delivery import StatusCallbacks
from gdial.simulator.outgoing.fields import call_fields, progress_fields
from gdial.simulator.phones import Phones
from gdial.simulator.signal import Signal
from gdial.simulator.tasks import TaskKeeper, stop_tasks

DIALLING_SECONDS = 0.5
ANSWERED, NOT_FOUND, ENGAGED, CALLER_GAVE_UP, DECLINED = 200, 404, 486, 487, 603


@dataclass(frozen=True, slots=True)
class Exchange:
    """What every call of the network shares."""

    clock: Clock
    courier: Courier
    audio: AudioLibrary
    phones: Phones
    tasks: TaskKeeper
    changes: Signal
    faults: FaultInjector


class CallLife:
    """One call that is not over yet."""

    def __init__(
        self, call: Call, request: CallRequest, token: str, exchange: Exchange, forget: Callable[[Call], None]
    ) -> None:
        self.call = call
        self.request = request
        self._token = token
        self._exchange = exchange
        self._clock = exchange.clock
        self._forget = forget
        self._callbacks = StatusCallbacks(call, exchange.courier, exchange.faults, exchange.tasks, exchange.changes)
        self._queued_at = exchange.clock.elapsed_seconds()
        self._answered_at = 0.0
        self._script: Script | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Dial."""
        self._task = self._exchange.tasks.spawn(self._live())

    def stop(self, status: Status) -> None:
        """End the call from outside, at once."""
        self._finish(status, ANSWERED if status == "completed" else CALLER_GAVE_UP)
        if self._task is not None:
            self._task.cancel()

    def redirect(self, source: Source, fallback: Target | None) -> bool:
        """Let an answered call follow another document; tells whether it was answered."""
        if self._script is None:
            return False
        self._script.redirect(source, fallback)
        return True

    def report_to(self, status_callback: Target) -> None:
        """Send the callbacks that are still to come to another address."""
        self.request = replace(self.request, status_callback=status_callback)

    async def _live(self) -> None:
        try:
            await self._dial()
        except Exception:
            self._finish("failed", None)
            raise

    async def _dial(self) -> None:
        call, plan = self.call, self.call.plan
        call.started = call.updated = self._clock.now()
        call.queue_ms = round((self._clock.elapsed_seconds() - self._queued_at) * 1000)
        self._report("initiated", "initiated")
        await self._clock.sleep(DIALLING_SECONDS)
        if plan.does == "bad_number":
            await self._clock.sleep(plan.phone_acts_after_seconds or 0)
            return self._finish("failed", NOT_FOUND)
        call.busy_with = self._exchange.phones.occupy(call.to, call.sid)
        if call.busy_with is not None:
            return self._finish("busy", ENGAGED)
        if plan.does == "busy":
            await self._clock.sleep(plan.phone_acts_after_seconds or 0)
            return self._finish("busy", ENGAGED)
        return await self._ring()

    async def _ring(self) -> None:
        self._enter("ringing")
        self._report("ringing", "ringing")
        acts_after, gives_up_after = self.call.plan.phone_acts_after_seconds, self.request.ring_timeout_seconds
        if acts_after is None or acts_after >= gives_up_after:
            await self._clock.sleep(gives_up_after)
            return self._finish("no-answer", CALLER_GAVE_UP)
        await self._clock.sleep(acts_after)
        if self.call.plan.does == "reject":
            return self._finish("busy", DECLINED)
        return await self._talk()

    async def _talk(self) -> None:
        call = self.call
        call.answered_at = self._clock.now()
        self._answered_at = self._clock.elapsed_seconds()
        self._enter("in-progress")
        self._report("answered", "in-progress")
        line = Line(call, self._clock, self._exchange.changes)
        script = self._open_script(line)
        tasks = [
            asyncio.create_task(self._speak(script)),
            asyncio.create_task(take_part(call.plan, line, self._clock)),
            asyncio.create_task(self._clock.sleep(self.request.time_limit_seconds)),
        ]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            await stop_tasks(*tasks)
        self._finish("completed", ANSWERED)

    def _open_script(self, line: Line) -> Script:
        exchange = self._exchange
        sound = Sound(self.call, line, exchange.audio, self._clock, exchange.changes)
        mail = Mail(self.call, exchange.courier, exchange.faults, exchange.tasks, self._token)
        self._script = Script(self.call, line, sound, mail, self._clock, self.request.fallback)
        return self._script

    async def _speak(self, script: Script) -> None:
        first = Source(self.request.script, self.request.twiml or "")
        if self.request.machine_detection is None:
            return await script.run(first)
        detecting = asyncio.create_task(self._detect(detect_machine(self.call.plan, self.request)))
        try:
            if not self.request.detects_in_background:
                await detecting
            await script.run(first)
        finally:
            await stop_tasks(detecting)

    async def _detect(self, detection: Detection) -> None:
        await self._clock.sleep(detection.seconds)
        self.call.answered_by = detection.answered_by
        target = self.request.detection_callback
        if target is None or not self.request.detects_in_background:
            return
        form = call_fields(self.call, self.call.status)
        form["MachineDetectionDuration"] = str(round(detection.seconds * 1000))
        webhook = Webhook(target.url, target.method, form, self._token, self.call.exchanges)
        self._callbacks.put(Callback("amd", self.call.status, None, self._clock.now()), webhook)

    def _enter(self, status: Status) -> None:
        self.call.status = status
        self.call.updated = self._clock.now()
        self._exchange.changes.notify()

    def _finish(self, status: Status, sip_code: int | None) -> None:
        call = self.call
        if call.is_over:
            return
        if call.answered_at is not None:
            call.duration_seconds = math.ceil(self._clock.elapsed_seconds() - self._answered_at)
        call.sip_code = sip_code if call.started is not None else None
        call.ended = self._clock.now()
        self._exchange.phones.release(call.to, call.sid)
        self._enter(status)
        self._report("completed", status)
        self._callbacks.finish()
        self._forget(call)

    def _report(self, event: str, call_status: str) -> None:
        target = self.request.status_callback
        if target is None or event not in self.request.events:
            return
        number, now = self.call.sequence, self._clock.now()
        self.call.sequence += 1
        form = progress_fields(self.call, call_status, number, now)
        self._callbacks.put(
            Callback(event, call_status, number, now),
            Webhook(target.url, target.method, form, self._token, self.call.exchanges),
        )
