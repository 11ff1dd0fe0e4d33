"""Where the documents of a call come from, and how they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from gdial.simulator.calls.record import Call, Press
from gdial.simulator.calls.request import Target
from gdial.simulator.clock import Clock
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
    def url(self) -> str:
        return self.target.url if self.target else ""


class Mail:
    """The requests that one answered call makes for its documents."""

    def __init__(self, call: Call, courier: Courier, clock: Clock, tasks: TaskKeeper, token: str) -> None:
        self._call = call
        self._courier = courier
        self._clock = clock
        self._tasks = tasks
        self._token = token

    async def ask(self, source: Source, target: Target) -> Answer:
        """Ask for a document, and note on its presses what became of them; raises `DeliveryError`."""
        form = {**call_fields(self._call, self._call.status), **source.extra}
        request = self._tasks.spawn(self._send(Webhook(target.url, target.method, form, self._token), source.presses))
        # A request on its way is not taken back by a hang-up: the key that it carries was pressed.
        outcome = await asyncio.shield(request)
        if isinstance(outcome, DeliveryError):
            raise outcome
        return outcome

    async def _send(self, webhook: Webhook, presses: tuple[Press, ...]) -> Answer | DeliveryError:
        try:
            answer = await self._courier.send(webhook)
        except DeliveryError as error:
            for press in presses:
                press.answer_status = error.status
            return error
        for press in presses:
            press.answer_status, press.answered_at = answer.status, self._clock.now()
        return answer
