"""What endpoints are to be told, kept in order, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from gdial.errors import NotFound
from gdial.storage import webhook_deliveries, webhook_endpoints
from gdial.storage.database import Database
from gdial.storage.webhook_deliveries import DeliveryStatus, DueDelivery
from gdial.storage.webhook_endpoints import Endpoint
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import store_run

LATER = NOW + timedelta(minutes=1)
EVENTS = ("run.started", "run.ended")


async def store_endpoint(database: Database, *, is_active: bool = True) -> UUID:
    endpoint = Endpoint(uuid4(), "https://example.org/", "whsec_c2VjcmV0", EVENTS, is_active, NOW)
    async with database.transaction() as tx:
        await webhook_endpoints.insert(tx, endpoint)
    return endpoint.id


async def append(database: Database, endpoint_id: UUID, run_id: UUID, number: int = 0) -> UUID:
    delivery_id = uuid4()
    async with database.transaction() as tx:
        await webhook_deliveries.hold_chain(tx, run_id)
        await webhook_deliveries.append(tx, delivery_id, endpoint_id, run_id, "run.started", {"number": number}, NOW)
    return delivery_id


async def claim(database: Database, endpoint_id: UUID, *, at: timedelta = timedelta()) -> DueDelivery | None:
    async with database.transaction() as tx:
        return await webhook_deliveries.claim_due(tx, endpoint_id, NOW + at, LATER + at)


async def finish(database: Database, due: DueDelivery, given_up_for: str = "") -> None:
    async with database.transaction() as tx:
        await webhook_deliveries.finish(tx, due.delivery, NOW, given_up_for=given_up_for)


async def test_an_endpoint_is_kept_as_it_was_given(database: Database) -> None:
    endpoint_id = await store_endpoint(database)
    silent = await store_endpoint(database, is_active=False)
    async with database.reading() as tx:
        endpoint = await webhook_endpoints.get(tx, endpoint_id)
        assert (endpoint.url, endpoint.events, endpoint.is_active) == ("https://example.org/", EVENTS, True)
        assert await webhook_endpoints.told_of(tx, "run.started") == [endpoint_id]
        assert await webhook_endpoints.told_of(tx, "run.answered") == []
        found, total = await webhook_endpoints.page(tx, 10, 0)
    assert ({each.id for each in found}, total) == ({endpoint_id, silent}, 2)


async def test_a_removed_endpoint_takes_its_deliveries_along(database: Database) -> None:
    run, endpoint_id = await store_run(database), await store_endpoint(database)
    delivery_id = await append(database, endpoint_id, run.id)
    async with database.transaction() as tx:
        await webhook_endpoints.remove(tx, endpoint_id)
    async with database.transaction() as tx:
        with pytest.raises(NotFound):
            await webhook_endpoints.remove(tx, endpoint_id)
        with pytest.raises(NotFound):
            await webhook_deliveries.get(tx, endpoint_id, delivery_id)


async def test_one_waits_for_the_one_before_it_in_its_run(database: Database) -> None:
    first_run, second_run = await store_run(database), await store_run(database)
    endpoint_id = await store_endpoint(database)
    first = [await append(database, endpoint_id, first_run.id, number) for number in range(3)]
    other = await append(database, endpoint_id, second_run.id)
    claimed = [await claim(database, endpoint_id), await claim(database, endpoint_id)]
    assert {due.delivery.id for due in claimed if due} == {first[0], other}
    assert await claim(database, endpoint_id) is None
    head = next(due for due in claimed if due and due.delivery.id == first[0])
    await finish(database, head)
    following = await claim(database, endpoint_id)
    assert following is not None
    assert (following.delivery.id, following.delivery.tries, following.delivery.payload) == (first[1], 1, {"number": 1})
    await finish(database, following, given_up_for="gone")
    last = await claim(database, endpoint_id)
    assert last is not None
    assert last.delivery.id == first[2]
    async with database.reading() as tx:
        given_up, total = await webhook_deliveries.page(tx, endpoint_id, 10, 0, DeliveryStatus.GIVEN_UP)
        delivered, _ = await webhook_deliveries.page(tx, endpoint_id, 10, 0, DeliveryStatus.DELIVERED)
    assert ([each.id for each in given_up], total, given_up[0].last_error) == ([first[1]], 1, "gone")
    assert [each.id for each in delivered] == [first[0]]


async def test_a_chain_that_was_through_begins_anew(database: Database) -> None:
    run, endpoint_id = await store_run(database), await store_endpoint(database)
    await append(database, endpoint_id, run.id)
    due = await claim(database, endpoint_id)
    assert due is not None
    await finish(database, due)
    late = await append(database, endpoint_id, run.id)
    due = await claim(database, endpoint_id)
    assert due is not None
    assert (due.delivery.id, due.delivery.sequence) == (late, 2)


async def test_one_tried_again_by_hand_does_not_let_others_pass_each_other(database: Database) -> None:
    run, endpoint_id = await store_run(database), await store_endpoint(database)
    ids = [await append(database, endpoint_id, run.id, number) for number in range(4)]
    first = await claim(database, endpoint_id)
    assert first is not None
    await finish(database, first, given_up_for="gone")
    async with database.transaction() as tx:
        await webhook_deliveries.try_again(tx, first.delivery, NOW)
    claimed = {due.delivery.id: due for due in [await claim(database, endpoint_id) for _ in range(3)] if due}
    assert claimed.keys() == set(ids[:2])
    await finish(database, claimed[ids[0]])
    assert await claim(database, endpoint_id) is None
    await finish(database, claimed[ids[1]])
    following = await claim(database, endpoint_id)
    assert following is not None
    assert following.delivery.id == ids[2]


async def test_a_claim_that_came_to_nothing_lapses(database: Database) -> None:
    run, endpoint_id = await store_run(database), await store_endpoint(database)
    await append(database, endpoint_id, run.id)
    assert await claim(database, endpoint_id) is not None
    assert await claim(database, endpoint_id) is None
    again = await claim(database, endpoint_id, at=timedelta(minutes=2))
    assert again is not None
    assert again.delivery.tries == 2


async def test_an_endpoint_that_was_silenced_is_told_nothing(database: Database) -> None:
    run, endpoint_id = await store_run(database), await store_endpoint(database)
    await append(database, endpoint_id, run.id)
    async with database.transaction() as tx:
        assert await webhook_deliveries.due_endpoints(tx, NOW) == [endpoint_id]
        endpoint = await webhook_endpoints.get(tx, endpoint_id, lock=True)
        silent = Endpoint(endpoint.id, endpoint.url, endpoint.secret, endpoint.events, False, endpoint.created_at)
        await webhook_endpoints.save(tx, silent)
    async with database.reading() as tx:
        assert await webhook_deliveries.due_endpoints(tx, NOW) == []
    assert await claim(database, endpoint_id) is None


async def test_what_is_told_at_the_same_moment_keeps_an_order(database: Database) -> None:
    run, endpoint_id = await store_run(database), await store_endpoint(database)
    await asyncio.gather(*(append(database, endpoint_id, run.id, number) for number in range(20)))
    async with database.reading() as tx:
        found, total = await webhook_deliveries.page(tx, endpoint_id, 50, 0)
    assert total == 20
    assert sorted(each.sequence for each in found) == list(range(1, 21))
    assert sum(each.next_at is not None for each in found) == 1


async def test_a_transaction_that_fails_tells_nothing(database: Database) -> None:
    run, endpoint_id = await store_run(database), await store_endpoint(database)

    async def tell_and_fail() -> None:
        async with database.transaction() as tx:
            await webhook_deliveries.append(tx, uuid4(), endpoint_id, run.id, "run.started", {}, NOW)
            raise RuntimeError("after it was written")

    with pytest.raises(RuntimeError):
        await tell_and_fail()
    async with database.reading() as tx:
        assert await webhook_deliveries.page(tx, endpoint_id, 10, 0) == ([], 0)
