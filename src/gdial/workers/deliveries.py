"""Delivers to webhook endpoints beside everything else: each endpoint waits only for itself."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from gdial.actions.deliver_events import deliver_to, endpoints_with_work
from gdial.endpoints.client import EndpointClient
from gdial.errors import TemporaryError
from gdial.runtime import Runtime

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0


async def run_deliveries(rt: Runtime, stop: asyncio.Event) -> None:
    """Runs until `stop`. What is on its way then is broken off, and sent again after the next start."""
    in_hand: dict[UUID, asyncio.Task[None]] = {}
    async with EndpointClient(allow_private=rt.settings.webhook_allow_private) as client:
        try:
            while not stop.is_set():
                await _look(rt, client, in_hand)
                await _wait(stop)
        finally:
            for task in in_hand.values():
                task.cancel()
            await asyncio.gather(*in_hand.values(), return_exceptions=True)


async def _look(rt: Runtime, client: EndpointClient, in_hand: dict[UUID, asyncio.Task[None]]) -> None:
    try:
        found = await endpoints_with_work(rt)
    except TemporaryError as error:
        log.warning("tried again in a moment", why=str(error))
        return
    for endpoint_id in [known for known, task in in_hand.items() if task.done()]:
        del in_hand[endpoint_id]
    for endpoint_id in found:
        if endpoint_id not in in_hand:
            in_hand[endpoint_id] = asyncio.create_task(_deliver(rt, client, endpoint_id))


async def _deliver(rt: Runtime, client: EndpointClient, endpoint_id: UUID) -> None:
    try:
        await deliver_to(rt, client, endpoint_id)
    except TemporaryError as error:
        log.warning("tried again in a moment", why=str(error))
    except Exception:
        log.exception("delivering to a webhook endpoint failed", endpoint=str(endpoint_id))


async def _wait(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await stop.wait()
    except TimeoutError:
        return
