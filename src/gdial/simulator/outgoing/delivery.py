"""Delivers the status callbacks of a call, one after the other in the order they fell due, unless a fault says other.

Every status callback of the network passes through `StatusCallbacks.put`: what is to be lost, doubled, swapped or late
is made so there, and nowhere else.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from gdial.simulator.calls.record import Call, Callback, Notification
from gdial.simulator.faults.injector import FaultInjector, Strike
from gdial.simulator.faults.plan import CallbackDoubled, CallbackFails, CallbackLate, CallbackLost, CallbackSwapped
from gdial.simulator.outgoing.courier import BAD_URL, Courier, DeliveryError, Webhook
from gdial.simulator.signal import Signal
from gdial.simulator.tasks import TaskKeeper

Due = tuple[Callback, Webhook]


class StatusCallbacks:
    """The callbacks of one call that are still to be delivered."""

    def __init__(self, call: Call, courier: Courier, faults: FaultInjector, tasks: TaskKeeper, changes: Signal) -> None:
        self._call = call
        self._courier = courier
        self._faults = faults
        self._clock = faults.clock
        self._tasks = tasks
        self._changes = changes
        self._due: deque[Due] = deque()
        self._held: tuple[Due, Strike] | None = None
        self._is_delivering = False

    def put(self, callback: Callback, webhook: Webhook) -> None:
        """Put a callback in line; the call goes on without waiting for it."""
        call = self._call
        call.callbacks.append(callback)
        strike = self._faults.choose("callback", callback.event, call.to, call.ordinal, callback.sequence_number)
        due = (callback, webhook)
        if strike is not None and isinstance(strike.fault, CallbackSwapped):
            if self._held is None and not call.is_over:
                self._held = due, strike
                return
            strike = None
        self._send(due, strike)
        if self._held is not None:
            earlier, swap = self._held
            self._held = None
            self._record(swap, earlier[0], f"sent after {callback.event}")
            self._line_up(earlier)

    def finish(self) -> None:
        """Nothing more will be put in line."""
        if self._held is not None:
            self._line_up(self._held[0])
            self._held = None

    def _send(self, due: Due, strike: Strike | None) -> None:
        callback, webhook = due
        match strike.fault if strike else None:
            case CallbackLost() if strike:
                self._record(strike, callback, "never sent")
                callback.error = "lost, as the fault plan says"
            case CallbackLate(seconds=span) if strike:
                seconds = self._faults.seconds(strike, span)
                self._record(strike, callback, f"sent {seconds:.2f} s late")
                self._tasks.spawn(self._deliver_after(seconds, due))
            case CallbackDoubled(after_seconds=span) if strike:
                seconds = self._faults.seconds(strike, span)
                self._record(strike, callback, f"sent again after {seconds:.2f} s")
                self._line_up(due)
                copy = replace(callback)
                self._call.callbacks.append(copy)
                self._tasks.spawn(self._deliver_after(seconds, (copy, webhook)))
            case CallbackFails(failure=failure, tries=tries) if strike:
                self._record(strike, callback, f"{failure} {tries} times")
                self._line_up((callback, replace(webhook, mishaps=(failure,) * tries)))
            case _:
                self._line_up(due)

    def _record(self, strike: Strike, callback: Callback, detail: str) -> None:
        callback.fault = strike.fault.name
        self._faults.record(strike, self._call.to, f"{callback.event}: {detail}", self._call)

    def _line_up(self, due: Due) -> None:
        self._due.append(due)
        if not self._is_delivering:
            self._is_delivering = True
            self._tasks.spawn(self._deliver_all())

    async def _deliver_all(self) -> None:
        try:
            while self._due:
                await self._deliver(*self._due.popleft())
                self._changes.notify()
        finally:
            self._is_delivering = False

    async def _deliver_after(self, seconds: float, due: Due) -> None:
        await self._clock.sleep_by_calendar(seconds)
        await self._deliver(*due)
        self._changes.notify()

    async def _deliver(self, callback: Callback, webhook: Webhook) -> None:
        try:
            answer = await self._courier.send(webhook)
        except DeliveryError as error:
            callback.attempts, callback.status, callback.error = error.attempts, error.status, str(error)
            self._notify(error.code, str(error), webhook.url)
            return
        callback.attempts, callback.status, callback.answered_at = answer.attempts, answer.status, self._clock.now()
        for complaint in answer.complaints:
            self._notify(BAD_URL, complaint, webhook.url)

    def _notify(self, code: int, message: str, url: str) -> None:
        self._call.notifications.append(Notification(code, message, url, self._clock.now()))
