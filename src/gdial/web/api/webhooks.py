"""`/api/webhooks`: programs that are told when a run starts, somebody answers, and it ends."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gdial.actions.save_endpoint import (
    GivenEndpoint,
    change_endpoint,
    create_endpoint,
    ping_endpoint,
    remove_endpoint,
    retry_delivery,
)
from gdial.actions.tell_endpoints import EndpointEvent
from gdial.endpoints.addresses import URL_EXAMPLE
from gdial.endpoints.signing import masked_secret
from gdial.storage import webhook_deliveries, webhook_endpoints
from gdial.storage.webhook_deliveries import Delivery, DeliveryStatus
from gdial.storage.webhook_endpoints import Endpoint
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/webhooks", "webhooks")

Url = Annotated[str, StringConstraints(max_length=10_000)]


class EndpointChanges(BaseModel):
    """Fields that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    url: Url = Field(default="", examples=[URL_EXAMPLE])
    events: list[EndpointEvent] = Field(
        default_factory=lambda: list(EndpointEvent), max_length=20, description="Those it is told; all by default."
    )
    is_active: bool = Field(default=True, description="One that is not active is told nothing.")

    def given(self) -> GivenEndpoint:
        """Only what was sent."""
        sent = GivenEndpoint()
        for name in self.model_fields_set:
            sent[name] = getattr(self, name)  # type: ignore[literal-required]
        return sent


class EndpointWish(EndpointChanges):
    """A whole endpoint: https, at a public address."""

    url: Url = Field(examples=[URL_EXAMPLE])


class EndpointShape(BaseModel):
    id: UUID
    url: str
    events: list[EndpointEvent]
    is_active: bool
    secret: str = Field(description="Whole in the answer that created it, and never again.")
    created_at: AwareDatetime

    @classmethod
    def of(cls, endpoint: Endpoint, *, show_secret: bool = False) -> EndpointShape:
        secret = endpoint.secret if show_secret else masked_secret(endpoint.secret)
        named = {name: getattr(endpoint, name) for name in cls.model_fields}
        return cls(**named | {"secret": secret})


class PingShape(BaseModel):
    """`status` is the HTTP status of the answer, null without one; `error` is "" when it was delivered."""

    delivered: bool
    status: int | None
    error: str


class DeliveryShape(BaseModel):
    """`next_at`: when it is tried next; null also while it waits for the delivery before it in its run."""

    id: UUID
    call_run_id: UUID
    sequence: int
    event: str
    status: DeliveryStatus
    tries: int
    last_error: str
    created_at: AwareDatetime
    next_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    given_up_at: AwareDatetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryShape:
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


@router.get("")
async def list_endpoints(rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[EndpointShape]:
    """Oldest first."""
    async with rt.database.reading() as tx:
        found, total = await webhook_endpoints.page(tx, limit, offset)
    return Page(items=[EndpointShape.of(endpoint) for endpoint in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
async def create(wish: EndpointWish, rt: Rt, response: Response) -> EndpointShape:
    """Keep the `secret` of the answer: it is not shown again, and it proves that a request is GDial's."""
    endpoint = await create_endpoint(rt, wish.given())
    response.headers["location"] = f"/api/webhooks/{endpoint.id}"
    return EndpointShape.of(endpoint, show_secret=True)


@router.get("/{endpoint_id}")
async def show(endpoint_id: UUID, rt: Rt) -> EndpointShape:
    async with rt.database.reading() as tx:
        return EndpointShape.of(await webhook_endpoints.get(tx, endpoint_id))


@router.patch("/{endpoint_id}")
async def change(endpoint_id: UUID, changes: EndpointChanges, rt: Rt) -> EndpointShape:
    """The fields that are sent; the others, and the secret, stay."""
    return EndpointShape.of(await change_endpoint(rt, endpoint_id, changes.given()))


@router.delete("/{endpoint_id}", status_code=204)
async def remove(endpoint_id: UUID, rt: Rt) -> None:
    """What was not delivered to it is dropped."""
    await remove_endpoint(rt, endpoint_id)


@router.post("/{endpoint_id}/test")
async def ping(endpoint_id: UUID, rt: Rt) -> PingShape:
    """Send a `ping` now, once, and tell what came of it, within ten seconds."""
    told = await ping_endpoint(rt, endpoint_id)
    return PingShape(delivered=told.is_delivered, status=told.status, error=told.error)


@router.get("/{endpoint_id}/deliveries")
async def list_deliveries(
    endpoint_id: UUID,
    rt: Rt,
    status: DeliveryStatus | None = None,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Page[DeliveryShape]:
    """Newest first."""
    async with rt.database.reading() as tx:
        await webhook_endpoints.get(tx, endpoint_id)
        found, total = await webhook_deliveries.page(tx, endpoint_id, limit, offset, status)
    return Page(items=[DeliveryShape.of(delivery) for delivery in found], total=total, limit=limit, offset=offset)


@router.post("/{endpoint_id}/deliveries/{delivery_id}/retry")
async def retry(endpoint_id: UUID, delivery_id: UUID, rt: Rt) -> DeliveryShape:
    """Try a delivery that failed at once, also one that was given up."""
    return DeliveryShape.of(await retry_delivery(rt, endpoint_id, delivery_id))
