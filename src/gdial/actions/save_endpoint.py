"""Take in, change, try and remove webhook endpoints, and have one delivery tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict
from uuid import UUID, uuid4

from gdial.actions.deliver_events import write_body
from gdial.actions.tell_endpoints import PING, EndpointEvent, event_body
from gdial.endpoints.addresses import read_url
from gdial.endpoints.client import EndpointClient, Told
from gdial.endpoints.signing import new_secret
from gdial.errors import Conflict, InvalidInput
from gdial.runtime import Runtime
from gdial.storage import webhook_deliveries, webhook_endpoints
from gdial.storage.turns import take_turn
from gdial.storage.webhook_deliveries import Delivery, DeliveryStatus
from gdial.storage.webhook_endpoints import Endpoint

MOST_ENDPOINTS = 20


class GivenEndpoint(TypedDict, total=False):
    """What was given of an endpoint; a field that is not there stays as it is."""

    url: str
    events: Sequence[EndpointEvent]
    is_active: bool


async def create_endpoint(rt: Runtime, given: GivenEndpoint) -> Endpoint:
    """With a secret of its own; told everything unless `events` says otherwise. Raises InvalidInput, or Conflict when
    there are MOST_ENDPOINTS."""
    whole: GivenEndpoint = {"url": "", "events": list(EndpointEvent), "is_active": True}
    whole.update(given)
    endpoint = Endpoint(
        id=uuid4(),
        url=read_url(whole["url"], allow_private=rt.settings.webhook_allow_private),
        secret=new_secret(),
        events=_read_events(whole["events"]),
        is_active=whole["is_active"],
        created_at=rt.clock(),
    )
    async with rt.database.transaction() as tx:
        await take_turn(tx, "webhook-endpoints")
        if await webhook_endpoints.count(tx) >= MOST_ENDPOINTS:
            raise Conflict(f"there are {MOST_ENDPOINTS} webhook endpoints already, and no more are allowed; remove one")
        await webhook_endpoints.insert(tx, endpoint)
    return endpoint


async def change_endpoint(rt: Runtime, endpoint_id: UUID, given: GivenEndpoint) -> Endpoint:
    """The secret stays. Raises NotFound, InvalidInput."""
    async with rt.database.transaction() as tx:
        endpoint = await webhook_endpoints.get(tx, endpoint_id, lock=True)
        if "url" in given:
            url = read_url(given["url"], allow_private=rt.settings.webhook_allow_private)
            endpoint = replace(endpoint, url=url)
        if "events" in given:
            endpoint = replace(endpoint, events=_read_events(given["events"]))
        if "is_active" in given:
            endpoint = replace(endpoint, is_active=given["is_active"])
        await webhook_endpoints.save(tx, endpoint)
    return endpoint


async def remove_endpoint(rt: Runtime, endpoint_id: UUID) -> None:
    """With all its deliveries, made or not. Raises NotFound."""
    async with rt.database.transaction() as tx:
        await webhook_endpoints.remove(tx, endpoint_id)


async def ping_endpoint(rt: Runtime, endpoint_id: UUID) -> Told:
    """Tell it a `ping` now, active or not, once. Raises NotFound."""
    async with rt.database.reading() as tx:
        endpoint = await webhook_endpoints.get(tx, endpoint_id)
    ping_id, now = str(uuid4()), rt.clock()
    body = write_body(event_body(ping_id, PING, None, None, now.isoformat()))
    async with EndpointClient(allow_private=rt.settings.webhook_allow_private) as client:
        return await client.tell(endpoint.url, endpoint.secret, ping_id, int(now.timestamp()), body)


async def retry_delivery(rt: Runtime, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """Have it tried at once. Raises NotFound, or Conflict when it is delivered or waits for one before it."""
    async with rt.database.transaction() as tx:
        delivery = await webhook_deliveries.get(tx, endpoint_id, delivery_id, lock=True)
        if delivery.status is DeliveryStatus.DELIVERED:
            raise Conflict("this delivery was made already")
        if delivery.status is DeliveryStatus.WAITING and delivery.next_at is None:
            raise Conflict("this delivery waits for one before it in the same run; retry that one")
        await webhook_deliveries.try_again(tx, delivery, rt.clock())
        return await webhook_deliveries.get(tx, endpoint_id, delivery_id)


def _read_events(events: Sequence[EndpointEvent]) -> tuple[str, ...]:
    if not events:
        raise InvalidInput("names no event", where="events", example=", ".join(EndpointEvent))
    return tuple(event.value for event in EndpointEvent if event in events)
