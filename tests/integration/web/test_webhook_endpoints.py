"""`/api/webhooks` over HTTP, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest

from gdial.actions.tell_endpoints import tell_started
from gdial.runtime import Runtime
from gdial.settings import Settings
from tests.support.receiver import Receiver, receiver, refusing
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.stored_runs import store_run
from tests.support.web import Api

PLACE = "/api/webhooks"


@pytest.fixture
async def heard() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
async def runtime(
    database_url: str, make_settings: Callable[..., Settings], clock: TurnedClock
) -> AsyncIterator[Runtime]:
    settings = make_settings(database_url=database_url, webhook_allow_private=True)
    async with opened_runtime(settings, clock) as opened:
        yield opened


async def test_the_secret_is_shown_once(api: Api, heard: Receiver) -> None:
    made = await api.make(PLACE, {"url": heard.url})
    secret = made["secret"]
    assert secret.startswith("whsec_")
    assert len(secret) > 40
    assert made["events"] == ["run.started", "run.answered", "run.ended"]
    assert made["is_active"] is True
    shown = (await api.get(f"{PLACE}/{made['id']}")).json
    listed = (await api.get(PLACE)).json
    changed = (await api.ask("PATCH", f"{PLACE}/{made['id']}", json={"is_active": False})).json
    for each in (shown, listed["items"][0], changed):
        assert each["secret"] == f"whsec_…{secret[-4:]}"
    assert (listed["total"], changed["is_active"], changed["url"]) == (1, False, heard.url)


async def test_a_removed_one_is_gone(api: Api, heard: Receiver) -> None:
    made = await api.make(PLACE, {"url": heard.url})
    assert (await api.ask("DELETE", f"{PLACE}/{made['id']}")).status == 204
    assert (await api.get(f"{PLACE}/{made['id']}")).status == 404
    assert (await api.ask("DELETE", f"{PLACE}/{made['id']}")).status == 404
    assert (await api.post(f"{PLACE}/{made['id']}/test")).status == 404
    assert (await api.get(f"{PLACE}/{made['id']}/deliveries")).status == 404


async def test_a_ping_tells_at_once_whether_it_arrives(api: Api, heard: Receiver) -> None:
    made = await api.make(PLACE, {"url": heard.url, "is_active": False})
    assert (await api.post(f"{PLACE}/{made['id']}/test")).json == {"delivered": True, "status": 204, "error": ""}
    (ping,) = heard.heard
    assert ping.is_signed_with(made["secret"])
    assert (ping.json["event"], ping.json["run"], ping.json["recipient"]) == ("ping", None, None)
    heard.answers.append(refusing(500, "out of paper"))
    told = (await api.post(f"{PLACE}/{made['id']}/test")).json
    assert (told["delivered"], told["status"]) == (False, 500)
    assert "out of paper" in told["error"]
    assert len(heard.heard) == 2


async def test_deliveries_are_shown_and_tried_again(api: Api, runtime: Runtime, heard: Receiver) -> None:
    made = await api.make(PLACE, {"url": heard.url})
    run = await store_run(runtime.database)
    async with runtime.database.transaction() as tx:
        await tell_started(tx, runtime, run)
    page = (await api.get(f"{PLACE}/{made['id']}/deliveries?status=waiting")).json
    assert page["total"] == 1
    (delivery,) = page["items"]
    assert (delivery["event"], delivery["call_run_id"], delivery["tries"]) == ("run.started", str(run.id), 0)
    again = await api.post(f"{PLACE}/{made['id']}/deliveries/{delivery['id']}/retry")
    assert (again.status, again.json["status"]) == (200, "waiting")
    assert (await api.get(f"{PLACE}/{made['id']}/deliveries?status=delivered")).json["items"] == []
    assert (await api.post(f"{PLACE}/{uuid4()}/deliveries/{delivery['id']}/retry")).status == 404


async def test_there_are_no_more_than_twenty(api: Api, heard: Receiver) -> None:
    for _ in range(20):
        await api.make(PLACE, {"url": heard.url})
    refused = await api.post(PLACE, {"url": heard.url})
    assert refused.status == 409
    assert "20" in refused.json["detail"]


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({}, "url", "is missing"),
        ({"url": "gopher://x/"}, "url", "https"),
        ({"url": "https://example.org/", "events": []}, "events", "names no event"),
        ({"url": "https://example.org/", "events": ["run.paused"]}, "events[0]", "run.started"),
        ({"url": "https://example.org/", "secret": "mine"}, "secret", "not a known field"),
        ({"url": "https://example.org/", "is_active": "perhaps"}, "is_active", "true or false"),
    ],
)
async def test_what_cannot_be_used_is_refused_by_field(
    quick_api: Api, body: dict[str, object], field: str, reason: str
) -> None:
    answer = await quick_api.post(PLACE, body)
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == field
    assert reason in answer.json["errors"][0]["reason"]


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.0.0.1/", "https://169.254.169.254/", "https://[::1]"]
)
async def test_without_leave_only_public_https_is_taken(quick_api: Api, url: str) -> None:
    answer = await quick_api.post(PLACE, {"url": url})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "url")


async def test_without_leave_a_name_of_this_machine_is_not_told(quick_api: Api) -> None:
    """`localhost` by another name: only what it resolves to gives it away."""
    made = await quick_api.make(PLACE, {"url": "https://ip6-localhost:9/"})
    told = (await quick_api.post(f"{PLACE}/{made['id']}/test")).json
    assert (told["delivered"], told["status"]) == (False, None)
