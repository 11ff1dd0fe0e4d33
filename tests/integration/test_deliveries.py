"""Events on their way to a real receiver, with a clock that the test turns, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gdial.actions.deliver_events import GIVEN_UP_AFTER, PAUSES_SECONDS, deliver_to, endpoints_with_work, next_try
from gdial.actions.save_endpoint import create_endpoint, retry_delivery
from gdial.actions.tell_endpoints import tell_ended, tell_started
from gdial.endpoints.client import EndpointClient
from gdial.errors import Conflict
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.storage import webhook_deliveries
from gdial.storage.runs import Run
from gdial.storage.webhook_deliveries import Delivery, DeliveryStatus
from gdial.storage.webhook_endpoints import Endpoint
from tests.support.receiver import Receiver, receiver, refusing
from tests.support.runtime import FIRST_MOMENT, TurnedClock, opened_runtime
from tests.support.stored_runs import store_run


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def rt(database_url: str, make_settings: Callable[..., Settings], clock: TurnedClock) -> AsyncIterator[Runtime]:
    settings = make_settings(database_url=database_url, webhook_allow_private=True)
    async with opened_runtime(settings, clock) as opened:
        yield opened


@pytest.fixture
async def heard() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[EndpointClient]:
    async with EndpointClient(allow_private=True) as made:
        yield made


@pytest.fixture
async def endpoint(rt: Runtime, heard: Receiver) -> Endpoint:
    return await create_endpoint(rt, {"url": heard.url})


async def tell_a_run(rt: Runtime, **values: Any) -> Run:
    """A run that has started and ended."""
    run = await store_run(rt.database, **values)
    async with rt.database.transaction() as tx:
        await tell_started(tx, rt, run)
        await tell_ended(tx, rt, run)
    return run


async def deliveries(rt: Runtime, endpoint_id: UUID) -> list[Delivery]:
    """In their order."""
    async with rt.database.reading() as tx:
        found, _ = await webhook_deliveries.page(tx, endpoint_id, 500, 0)
    return sorted(found, key=lambda each: each.sequence)


async def test_events_come_in_order_and_signed(
    rt: Runtime, endpoint: Endpoint, heard: Receiver, client: EndpointClient
) -> None:
    run = await tell_a_run(rt)
    assert await endpoints_with_work(rt) == [endpoint.id]
    assert await deliver_to(rt, client, endpoint.id) == 2
    assert heard.events == ["run.started", "run.ended"]
    for request in heard.heard:
        assert request.is_signed_with(endpoint.secret)
        assert request.json["id"] == request.headers["webhook-id"]
        assert request.json["run"]["id"] == str(run.id)
        assert request.json["occurred_at"] == FIRST_MOMENT.isoformat()
        assert request.headers["webhook-timestamp"] == str(int(FIRST_MOMENT.timestamp()))
    assert [each.status for each in await deliveries(rt, endpoint.id)] == [DeliveryStatus.DELIVERED] * 2
    assert await endpoints_with_work(rt) == []


async def test_a_refusal_is_tried_again_after_growing_pauses_and_holds_up_what_follows(
    rt: Runtime, endpoint: Endpoint, heard: Receiver, client: EndpointClient, clock: TurnedClock
) -> None:
    await tell_a_run(rt)
    for tries, pause in enumerate(PAUSES_SECONDS[:4], start=1):
        heard.answers.append(refusing(500))
        assert await deliver_to(rt, client, endpoint.id) == 1
        assert heard.events == ["run.started"] * tries
        clock.turn(seconds=pause - 1)
        assert await deliver_to(rt, client, endpoint.id) == 0
        clock.turn(seconds=1)
    assert await deliver_to(rt, client, endpoint.id) == 2
    assert heard.events == ["run.started"] * 5 + ["run.ended"]
    assert len({request.headers["webhook-id"] for request in heard.heard}) == 2
    assert len({request.headers["webhook-timestamp"] for request in heard.heard}) == 5
    assert all(request.is_signed_with(endpoint.secret) for request in heard.heard)


async def test_what_nobody_takes_for_a_day_is_given_up_and_can_be_tried_by_hand(
    rt: Runtime, endpoint: Endpoint, heard: Receiver, client: EndpointClient, clock: TurnedClock
) -> None:
    await tell_a_run(rt)
    heard.always = refusing(503, "closed")
    first = (await deliveries(rt, endpoint.id))[0]
    while first.status is DeliveryStatus.WAITING:
        await deliver_to(rt, client, endpoint.id)
        first = (await deliveries(rt, endpoint.id))[0]
        clock.turn(seconds=60)
    assert first.status is DeliveryStatus.GIVEN_UP
    assert clock.now - FIRST_MOMENT <= GIVEN_UP_AFTER
    assert len(PAUSES_SECONDS) <= first.tries <= 12
    assert "503" in first.last_error
    assert "closed" in first.last_error
    heard.always = None
    retried = await retry_delivery(rt, endpoint.id, first.id)
    assert retried.status is DeliveryStatus.WAITING
    await deliver_to(rt, client, endpoint.id)
    assert (await deliveries(rt, endpoint.id))[0].status is DeliveryStatus.DELIVERED
    with pytest.raises(Conflict, match="already"):
        await retry_delivery(rt, endpoint.id, first.id)


async def test_one_that_waits_for_another_is_not_tried_by_hand(rt: Runtime, endpoint: Endpoint) -> None:
    await tell_a_run(rt)
    first, second = await deliveries(rt, endpoint.id)
    with pytest.raises(Conflict, match="waits for one before it"):
        await retry_delivery(rt, endpoint.id, second.id)
    assert (await retry_delivery(rt, endpoint.id, first.id)).next_at == FIRST_MOMENT


async def test_a_receiver_that_refuses_holds_up_nobody_else(rt: Runtime, client: EndpointClient) -> None:
    async with receiver() as dead, receiver() as alive:
        dead.always = refusing(500)
        endpoints = [await create_endpoint(rt, {"url": each.url}) for each in (dead, alive)]
        await tell_a_run(rt)
        for each in endpoints:
            await deliver_to(rt, client, each.id)
        assert dead.events == ["run.started"]
        assert alive.events == ["run.started", "run.ended"]


async def test_an_endpoint_is_told_only_what_it_asked_for(rt: Runtime, heard: Receiver, client: EndpointClient) -> None:
    chosen = await create_endpoint(rt, {"url": heard.url, "events": ["run.ended"]})  # type: ignore[list-item]
    silent = await create_endpoint(rt, {"url": heard.url, "is_active": False})
    await tell_a_run(rt)
    assert await endpoints_with_work(rt) == [chosen.id]
    await deliver_to(rt, client, chosen.id)
    assert heard.events == ["run.ended"]
    assert await deliveries(rt, silent.id) == []


def test_pauses_grow_and_end_within_a_day() -> None:
    pauses = [
        (next_try(tries, FIRST_MOMENT, FIRST_MOMENT) or FIRST_MOMENT) - FIRST_MOMENT
        for tries in range(1, len(PAUSES_SECONDS) + 3)
    ]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=5)
    assert next_try(3, FIRST_MOMENT, FIRST_MOMENT + GIVEN_UP_AFTER) is None
