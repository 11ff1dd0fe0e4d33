"""Where the documents of a call come from, and how they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gdial.simulator.calls.record import Call, Press
from gdial.simulator.calls.request import Target
from gdial.simulator.faults.injector import FaultInjector, Strike
from gdial.simulator.faults.plan import KeyFails, KeyLate, ScriptFails
from gdial.simulator.outgoing.courier import Answer, Courier, DeliveryError, Webhook
from gdial.simulator.outgoing.fields import call_fields
from gdial.simulator.tasks import TaskKeeper


@dataclass(frozen=True, slots=True)
class Source:
    """The next document: a target to ask with extra fields, which carry `presses`, or TwiML at hand."""

    target: Target | None = None
    twiml: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    presses: tuple[Press, ...] = ()

    @property
    def is_fallback(self) -> bool:
        """Asked because another document failed."""
        return "ErrorCode" in self.extra

    @property
    def url(self) -> str:
        return self.target.url if self.target else ""


class Mail:
    """The requests that one answered call makes for its documents."""

    def __init__(self, call: Call, courier: Courier, faults: FaultInjector, tasks: TaskKeeper, token: str) -> None:
        self._call = call
        self._courier = courier
        self._faults = faults
        self._clock = faults.clock
        self._tasks = tasks
        self._token = token
        self._asked = 0

    async def ask(self, source: Source, target: Target) -> Answer:
        """Ask for a document, and note on its presses what became of them; raises `DeliveryError`."""
        form = {**call_fields(self._call, self._call.status), **source.extra}
        webhook = Webhook(target.url, target.method, form, self._token, self._call.exchanges)
        request = self._tasks.spawn(self._send(*self._spoil(source, webhook), source.presses))
        # A request on its way is not taken back by a hang-up: the key that it carries was pressed.
        outcome = await asyncio.shield(request)
        if isinstance(outcome, DeliveryError):
            raise outcome
        return outcome

    def _spoil(self, source: Source, webhook: Webhook) -> tuple[Webhook, float]:
        """The request as faults of the plan leave it, and how many seconds it is held back."""
        self._asked += 1
        group = "key" if source.presses else "script"
        strike = self._faults.choose(group, "", self._call.to, self._call.ordinal, self._asked)
        if strike is None or source.is_fallback or self._has_failed_already(strike):
            return webhook, 0.0
        keys = "".join(press.key for press in source.presses)
        what = f"keys {keys}" if keys else f"document {self._asked}"
        match strike.fault:
            case KeyLate(seconds=span):
                seconds = self._faults.seconds(strike, span)
                self._faults.record(strike, self._call.to, f"{what}: sent {seconds:.2f} s late", self._call)
                return webhook, seconds
            case KeyFails(failure=failure, tries=tries) | ScriptFails(failure=failure, tries=tries):
                self._faults.record(strike, self._call.to, f"{what}: {failure} {tries} times", self._call)
                return replace(webhook, mishaps=(failure,) * tries), 0.0
        raise AssertionError(f"{strike.fault.name} spoils no document")

    def _has_failed_already(self, strike: Strike) -> bool:
        return isinstance(strike.fault, ScriptFails) and any(one.does == strike.fault.name for one in self._call.faults)

    async def _send(
        self, webhook: Webhook, held_back_seconds: float, presses: tuple[Press, ...]
    ) -> Answer | DeliveryError:
        if held_back_seconds:
            await self._clock.sleep_by_calendar(held_back_seconds)
        try:
            answer = await self._courier.send(webhook)
        except DeliveryError as error:
            for press in presses:
                press.answer_status = error.status
            return error
        for press in presses:
            press.answer_status, press.answered_at = answer.status, self._clock.now()
        return answer
