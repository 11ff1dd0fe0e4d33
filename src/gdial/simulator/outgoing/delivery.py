"""Delivers the status callbacks of a call, one after the other in the order they fell due.

Every status callback of the network passes through `StatusCallbacks._deliver`: what is to be lost, doubled, swapped or
late is done there, and nowhere else.
"""

from __future__ import annotations

from collections import deque

from gdial.simulator.calls.record import Call, Callback, Notification
from gdial.simulator.clock import Clock
from gdial.simulator.outgoing.courier import BAD_URL, Courier, DeliveryError, Webhook
from gdial.simulator.signal import Signal
from gdial.simulator.tasks import TaskKeeper


class StatusCallbacks:
    """The callbacks of one call that are still to be delivered."""

    def __init__(self, call: Call, courier: Courier, clock: Clock, tasks: TaskKeeper, changes: Signal) -> None:
        self._call = call
        self._courier = courier
        self._clock = clock
        self._tasks = tasks
        self._changes = changes
        self._due: deque[tuple[Callback, Webhook]] = deque()
        self._is_delivering = False

    def put(self, callback: Callback, webhook: Webhook) -> None:
        """Put a callback in line; the call goes on without waiting for it."""
        self._call.callbacks.append(callback)
        self._due.append((callback, webhook))
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
